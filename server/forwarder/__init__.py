"""What stands between an agent and the server. `goalarc hooks install` copies the two files to where agents start them.

They need Python and nothing else. The folder they run in, `hooks` of the data directory, holds `new` (what waits, one
file for each hook, named after the moment it fired), `dead` (what the server will never take), `<agent>.json` (where to
send, and the file of the key) and `last-<agent>.json` (how the last sending went).
"""
