"""Everything that leaves the process: tables, queries, queue, bus, migrations."""
