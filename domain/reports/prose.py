"""What a person reads of a report beside its figures, and who may write it."""

from typing import Protocol

from pydantic import BaseModel, ConfigDict

from domain.languages import Phrases
from domain.reports.facts import Facts


class Prose(BaseModel):
    """Finished texts without markup: the whole in a sentence or two, what lies behind it, and one thing to try.

    `tip` is empty where there is nothing to advise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    summary: str
    paragraphs: tuple[str, ...]
    tip: str

    @property
    def narrative(self) -> str:
        """All of it, as paragraphs."""
        return "\n\n".join(part for part in (self.summary, *self.paragraphs, self.tip) if part)


class WriterFailed(Exception):
    """No prose came of it; `reason` is a short code that says why and quotes nothing."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Writer(Protocol):
    """Writes the prose of a report in place of the built-in writer, which takes over where it fails."""

    @property
    def name(self) -> str:
        """Who wrote, as readers are told: the name of a model."""
        ...

    async def write(self, facts: Facts, say: Phrases) -> Prose:
        """The prose of these facts in the language of `say`. Raises WriterFailed, whatever goes wrong."""
        ...
