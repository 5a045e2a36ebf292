"""Who speaks in a recording: the developer, the agent, each of its sub-agents; and finding the one that is meant.

Nobody speaks aloud in a coding session, so a share of speaking is a share of the characters that were written. What is
asked of a sub-agent is written by the agent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.judging.text import content_words
from domain.judging.turns import Speech, speech
from domain.media import OnMiss, Strategy, Target, TimeRange
from domain.reports.records import ReportFailed
from domain.session_parts import SubAgent
from domain.timeline import Kind
from domain.values import EventId

TARGET_NOT_FOUND = "target_not_found"

DEVELOPER, AGENT = "developer", "agent"
"""The ids of the one who asks and of the one who is asked; a sub-agent's is `agent:` and its own."""

_NAME_POINTS = 3
"""A word of a hint counts so much more in a name or a role than in what was said."""
_SPOKEN = 400
"""So many of the longest texts of each are looked through for a hint."""

_ROLES = {
    DEVELOPER: "developer engineer programmer coder person human user author interviewed interviewee candidate"
    " speaker lead customer client asker",
    AGENT: "agent assistant ai model llm bot machine answerer helper",
}
_SUB_AGENT = "sub subagent agent delegate helper worker"


class EntityKind(StrEnum):
    DEVELOPER = "developer"
    AGENT = "agent"
    SUB_AGENT = "sub_agent"


@dataclass(frozen=True, slots=True)
class Said:
    """A prompt or an answer. `agent_id` names the sub-agent that it was for or by."""

    id: EventId
    at: datetime
    kind: Kind
    text: str
    agent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """Somebody who spoke. `share` is their share of all that was said, 0-1; `names` are all words they go by."""

    id: str
    kind: EntityKind
    name: str
    said: tuple[Said, ...]
    share: float
    names: str = ""

    @property
    def is_person(self) -> bool:
        return self.kind is EntityKind.DEVELOPER


def entities(
    said: Sequence[Said], developer: str, agent: str, agents: Sequence[SubAgent], models: Iterable[str] = ()
) -> list[Entity]:
    """Everybody who speaks in a recording, the developer and the agent always, the most talkative first."""
    spoken: dict[str, list[Said]] = {DEVELOPER: [], AGENT: []}
    for one in said:
        spoken.setdefault(_speaker(one), []).append(one)
    known = {one.id: one for one in agents}
    total = sum(map(_length, spoken.values()))
    found = [
        Entity(DEVELOPER, EntityKind.DEVELOPER, developer, tuple(spoken.pop(DEVELOPER)), 0.0, _ROLES[DEVELOPER]),
        Entity(AGENT, EntityKind.AGENT, agent, tuple(spoken.pop(AGENT)), 0.0, f"{_ROLES[AGENT]} {' '.join(models)}"),
        *(_sub_agent(id, told, known.get(id.removeprefix(f"{AGENT}:"))) for id, told in sorted(spoken.items())),
    ]
    shared = [_with_share(one, _length(one.said) / total if total else 0.0) for one in found]
    return sorted(shared, key=lambda one: -one.share)  # who comes first in `found` goes before equals


def _speaker(one: Said) -> str:
    if one.kind is Kind.PROMPT:
        return DEVELOPER if one.agent_id is None and speech(one.text) is not Speech.CALLBACK else AGENT
    return AGENT if one.agent_id is None else f"{AGENT}:{one.agent_id}"


def _length(said: Iterable[Said]) -> int:
    return sum(len(one.text) for one in said)


def _sub_agent(id: str, said: Sequence[Said], told: SubAgent | None) -> Entity:
    kind = (told.kind if told else None) or "sub-agent"
    description = (told.description if told else None) or ""
    return Entity(id, EntityKind.SUB_AGENT, kind, tuple(said), 0.0, f"{_SUB_AGENT} {description}")


def _with_share(one: Entity, share: float) -> Entity:
    return Entity(one.id, one.kind, one.name, one.said, share, one.names)


def find(present: Sequence[Entity], target: Target, started_at: datetime, *, people: bool = False) -> Entity:
    """The one whom `target` means among `present`, the most talkative first; with `people` a person is dominant.

    Raises ReportFailed `target_not_found` on a miss, unless the target falls back to the dominant speaker.
    """
    found = _found(present, target, started_at, people)
    if found is None and target.on_miss is OnMiss.FALLBACK:
        found = dominant(present, people=people)
    if found is None:
        raise ReportFailed(TARGET_NOT_FOUND, "No speaker fits the target")
    return found


def _found(present: Sequence[Entity], target: Target, started_at: datetime, people: bool) -> Entity | None:
    match target.strategy:
        case Strategy.DOMINANT:
            return dominant(present, people=people)
        case Strategy.ENTITY_ID:
            wanted = target.entity_id or ""
            return next((one for one in present if wanted in (one.id, one.id.removeprefix(f"{AGENT}:"))), None)
        case Strategy.TIMERANGE:
            return _in_range(present, target.timerange, started_at)
        case Strategy.MAGIC_HINT:
            return _hinted(present, target.hint or "")


def dominant(present: Sequence[Entity], *, people: bool = False) -> Entity | None:
    """Who says most; None where nobody says anything."""
    return next((one for one in present if one.said and (one.is_person or not people)), None)


def _in_range(present: Sequence[Entity], asked: TimeRange, started_at: datetime) -> Entity | None:
    """Who says most between two times."""
    start, end = asked.start_s or 0.0, asked.end_s

    def heard(one: Said) -> bool:
        at = (one.at - started_at).total_seconds()
        return at >= start and (end is None or at < end)

    said = [(_length(filter(heard, one.said)), one) for one in present]
    most = max(said, key=lambda pair: pair[0], default=None)
    return most[1] if most and most[0] else None


def _hinted(present: Sequence[Entity], hint: str) -> Entity | None:
    """Whom most words of the hint fit: those of names and roles first, then what somebody said."""
    wanted = content_words(hint)
    points = [(_points(one, wanted), one) for one in present]
    most = max(points, key=lambda pair: pair[0], default=None)
    return most[1] if most and most[0] else None


def _points(one: Entity, wanted: frozenset[str]) -> int:
    names = content_words(f"{one.id} {one.name} {one.names}")
    named = {word for word in wanted if word in names or f"{word}s" in names or word.removesuffix("s") in names}
    longest = sorted(one.said, key=lambda said: -len(said.text))[:_SPOKEN]
    spoken = {word for said in longest for word in content_words(said.text)}
    return _NAME_POINTS * len(named) + len((wanted - named) & spoken)
