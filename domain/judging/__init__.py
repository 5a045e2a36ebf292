"""From events to judged goal arcs. Every rule is a pure function; the clock comes in as an argument."""
