"""The transcripts that can be read, of every agent."""

from domain.ingest import claude_code
from domain.ingest.reading import Format

FORMATS: tuple[Format, ...] = (claude_code.FORMAT,)
"""The first that knows a file reads it."""
