"""What people changed by hand. It is kept beside the events and goes into every derivation, so nothing undoes it but
the person (domain reference, section 13, and `docs/judging.md`).

Each edit names the fragment that it is about by its id, which follows from the fragment's first event. While there is
no such fragment the edit waits, and it counts again once there is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.judging.arcs import LabelEdit
from domain.values import SubSessionId, UserId


@dataclass(frozen=True, slots=True)
class AppealEdit:
    """What a developer says of the outcome of their own arc."""

    user_id: UserId
    goal_complete: bool
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Edits:
    """All that people changed, by fragment."""

    labels: Mapping[SubSessionId, LabelEdit] = field(default_factory=dict[SubSessionId, LabelEdit])
    appeals: Mapping[SubSessionId, AppealEdit] = field(default_factory=dict[SubSessionId, AppealEdit])
