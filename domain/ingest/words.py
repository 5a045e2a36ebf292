"""What people and models say, in one shape whichever agent wrote it down."""

from math import ceil

from domain.ingest.clean import excerpt
from domain.values import JsonObject

PROMPT_CHARS = 256 * 2**10
ANSWER_CHARS = 64 * 2**10
NOTE_CHARS = 4 * 2**10
"""Of commands typed by hand, arguments and errors."""


def prompt_data(text: str) -> JsonObject:
    """The text, and its tokens as a quarter of its characters."""
    return {"text": excerpt(text, PROMPT_CHARS), "tokenCount": ceil(len(text) / 4)}
