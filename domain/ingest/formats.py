"""The transcripts that can be read, of every agent."""

from domain.ingest import claude_code, codex, copilot
from domain.ingest.reading import Format

FORMATS: tuple[Format, ...] = (claude_code.FORMAT, codex.FORMAT, copilot.FORMAT)
"""The first that knows a file reads it."""
