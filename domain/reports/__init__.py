"""Reports: what they are, how they are written, how they look."""
