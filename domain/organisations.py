"""Settings of an organisation as its administrators change them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from domain.access import MOST_RETENTION_DAYS, OrgSettings, Setting
from domain.errors import Fault, Invalid
from domain.languages import Language
from domain.score_versions import ScoreVersion
from domain.values import UNSET, Unset


class SettingsErrorCode(StrEnum):
    """Why settings are not changed."""

    NOTHING_TO_CHANGE = "nothing_to_change"
    INVALID_RETENTION = "invalid_retention"


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """What is to become of settings; what is UNSET stays. `retention_days` None: kept for good."""

    redaction: bool | Unset = UNSET
    split_on_commit: bool | Unset = UNSET
    score_default: ScoreVersion | Unset = UNSET
    retention_days: int | Unset | None = UNSET
    ai_processing: bool | Unset = UNSET
    language: Language | Unset = UNSET

    @property
    def values(self) -> Mapping[str, Setting]:
        return {name: value for name, value in asdict(self).items() if value is not UNSET}


def checked(change: SettingsChange) -> SettingsChange:
    """Raises Invalid for a change that changes nothing, and for days out of bounds."""
    if not change.values:
        raise _refused(SettingsErrorCode.NOTHING_TO_CHANGE, "give at least one setting", None)
    days = change.retention_days
    if isinstance(days, int) and not 1 <= days <= MOST_RETENTION_DAYS:
        message = f"give 1-{MOST_RETENTION_DAYS} days, or null to keep sessions for good"
        raise _refused(SettingsErrorCode.INVALID_RETENTION, message, ("retentionDays",))
    return change


def _refused(code: SettingsErrorCode, message: str, field: tuple[str, ...] | None) -> Invalid:
    return Invalid(message, faults=(Fault(code, message, field),))


def changed(settings: OrgSettings, values: Mapping[str, Setting]) -> OrgSettings:
    """The settings with other values by name."""
    return replace(settings, **values)
