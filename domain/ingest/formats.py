"""The transcripts that can be read, of every agent."""

from domain.ingest import claude_code, codex, copilot, cursor, gemini, opencode, specstory
from domain.ingest.reading import Format

FORMATS: tuple[Format, ...] = (
    claude_code.FORMAT,
    codex.FORMAT,
    copilot.FORMAT,
    gemini.FORMAT,
    gemini.LINES_FORMAT,
    opencode.FORMAT,
    cursor.FORMAT,
    specstory.FORMAT,
)
"""The first that knows a file reads it."""
