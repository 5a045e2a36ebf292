"""The languages that reports, summaries and pages are written in: which one a reader gets, and how it says things."""

from domain.languages.negotiation import Language, choose
from domain.languages.phrases import Message, Phrases, msgid, phrases

__all__ = ["Language", "Message", "Phrases", "choose", "msgid", "phrases"]
