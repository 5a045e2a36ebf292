"""The judge: an interface, so that a model-backed judge can stand beside the deterministic one."""

from dataclasses import dataclass
from typing import Protocol

from domain.judging.arcs import Arc
from domain.judging.records import Evidence, Label, Outcome, Rubric


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything a judge says of one arc, with the evidence for it."""

    rubric: Rubric
    outcome: Outcome
    label: Label
    evidence: tuple[Evidence, ...]


class Judge(Protocol):
    """Judges one arc. `version` is stored with each verdict; equal arcs must give equal verdicts.

    For an open arc the rubric is a preview and the outcome stays unjudged. An arc below the substance floor
    is never handed to a judge.
    """

    version: str

    def judge(self, arc: Arc) -> Verdict: ...
