"""Which version of the score somebody likes to be shown (domain reference, section 15). It changes no number."""

from dataclasses import dataclass
from enum import StrEnum

from domain.errors import Fault, Invalid


class ScoreVersion(StrEnum):
    V2 = "v2"
    V3 = "v3"


@dataclass(frozen=True, slots=True)
class ScoreVersionChoice:
    """`preferred` by the developer; None: as the organisation has it."""

    preferred: ScoreVersion | None
    default: ScoreVersion

    @property
    def effective(self) -> ScoreVersion:
        return self.preferred or self.default


class ScoreVersionErrorCode(StrEnum):
    """Why a preference is not set."""

    NOTHING_TO_CHANGE = "nothing_to_change"


def unchanged() -> Invalid:
    """A change that does not say which version."""
    message = "give a version, or null for the organisation's default"
    return Invalid(message, faults=(Fault(ScoreVersionErrorCode.NOTHING_TO_CHANGE, message, ("version",)),))
