"""Product analytics over coding events: queries, what they ask of an engine, and what they come to."""
