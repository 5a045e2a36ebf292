"""`python -m server` is `goalarc`."""

from server.cli import main

main()
