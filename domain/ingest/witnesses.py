"""Which accounts tell of the same happening: live hooks, telemetry and the transcript of a session overlap.

Ids join them where an agent writes some (event formats reference, section 10): the id of a tool call, a prompt or an
API request. Old versions write none; there the n-th account of a text stands for the n-th of the same text.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum

from domain.timeline import Event, Kind
from domain.values import EventId


class Witness(IntEnum):
    """Who tells; the higher is trusted for text and order. Telemetry is trusted for tokens and cost."""

    COPY = -3
    METRIC = -2
    SPAN = -1
    ASIDE = 0
    TELEMETRY = 1
    HOOK = 2
    TRANSCRIPT = 3


ASIDE = "hook-aside"
"""A hook that tells again, with less, what another hook tells. It says so itself, by `witness` in its source."""
COPY = "copy"
"""What others rendered for people to read, in less detail than there was. It says so itself, as `ASIDE` does."""
CHANNELS = {
    COPY: Witness.COPY,
    "otlp-metric": Witness.METRIC,
    "otlp-span": Witness.SPAN,
    ASIDE: Witness.ASIDE,
    "otlp": Witness.TELEMETRY,
    "hook": Witness.HOOK,
    "import": Witness.TRANSCRIPT,
}
"""Witnesses by the channel of an event; events of other channels stand for themselves."""


def channels(event: Event) -> set[str]:
    """The channel of an event that a witness told."""
    channel = event.source.get("witness", event.source.get("channel"))
    return {channel} if isinstance(channel, str) and channel in CHANNELS else set()


EDITS = frozenset((Kind.FILE_CREATE, Kind.FILE_DIFF, Kind.FILE_DELETE))
"""What became of a file, which not every witness knows."""
UNNAMED = "unnamed:"
"""How the ids of calls begin that were made up, because the agent gave none."""


@dataclass(frozen=True, slots=True)
class Account:
    """One event, as far as sameness goes. `name` is the agent's id of what it tells, `text` a digest of what was said;
    None where there is none."""

    id: EventId
    kind: Kind
    witness: Witness
    at: tuple[datetime, int]
    name: str | None = None
    text: str | None = None
    fresh: bool = False
    """Whether it has just arrived."""
    heard: frozenset[Witness] = frozenset()
    """Whose accounts of it were taken in before."""

    @property
    def told_by(self) -> frozenset[Witness]:
        return self.heard | {self.witness}


@dataclass(frozen=True, slots=True)
class Happening:
    """Accounts of the same: `kept` is the one that was there first, so that its id stays good, `best` the one to be
    believed; `others` are all but `kept`."""

    kept: Account
    best: Account
    others: tuple[Account, ...]


def outdo_copies(accounts: Iterable[Account]) -> bool:
    """Whether a session is told of well enough to do without what a copy says beside it: the copy has it all once more,
    too vaguely to be joined."""
    told_by = {witness for account in accounts for witness in account.told_by}
    return Witness.COPY in told_by and not told_by.isdisjoint({Witness.HOOK, Witness.TRANSCRIPT})


def happenings(accounts: Iterable[Account]) -> list[Happening]:
    """What several of the accounts of one session tell of, each account in one happening at most."""
    by_kind: dict[Kind, list[Account]] = defaultdict(list)
    for account in _with_texts(sorted(accounts, key=lambda one: (one.at, one.id))):
        by_kind[Kind.FILE_DIFF if account.kind in EDITS else account.kind].append(account)
    return [_happening(members) for told in by_kind.values() for members in _of_kind(told)]


def _with_texts(accounts: Sequence[Account]) -> list[Account]:
    """What came of a call says the same as the call where it says nothing itself."""
    of_calls = {_name(one): one.text for one in accounts if one.kind is Kind.TOOL_USE}
    of_calls[None] = None
    return [one if one.text is not None else replace(one, text=of_calls.get(_name(one))) for one in accounts]


def _of_kind(accounts: Sequence[Account]) -> Iterator[list[Account]]:
    """Accounts of the same, the best first."""
    groups: list[list[Account]] = []
    for witness in sorted(Witness, reverse=True):
        told = [one for one in accounts if one.witness is witness]
        others = _joined(_joined(_joined(told, groups, _name_and_text), groups, _name), groups, _text)
        if witness is Witness.TELEMETRY:
            others = _in_order(others, groups)
        if witness in _FILLING_IN:
            others = _where_nobody_else(others, groups)
        groups += [[account] for account in others]
    return (group for group in groups if len(group) > 1)


_FILLING_IN = frozenset((Witness.SPAN, Witness.METRIC))
"""They add up or tell again: what others tell of the same kind in the session is all of it."""


def _in_order(accounts: Sequence[Account], groups: Sequence[list[Account]]) -> list[Account]:
    """Joins what says nothing, because the person has not switched text on: the n-th to the n-th that is left.

    What bears a name goes to what bears none; there is no other use in looking at each of them.
    """
    silent = [one for one in accounts if one.text is None and one.kind is not Kind.API_REQUEST]
    free = [group for group in groups if not any(Witness.TELEMETRY in one.told_by for one in group)]
    nameless = [group for group in free if not any(map(_name, group))]
    alone = _joined([one for one in silent if _name(one)], nameless, lambda _: "")
    alone += _joined([one for one in silent if not _name(one)], free, lambda _: "")
    joined = {one.id for one in silent} - {one.id for one in alone}
    return [one for one in accounts if one.id not in joined]


def _where_nobody_else(accounts: Sequence[Account], groups: Sequence[list[Account]]) -> list[Account]:
    """Those of which nobody better tells; the others go to the first who does."""
    first: dict[tuple[Witness, str | None], list[Account]] = {}
    for group in groups:
        for witness in _FILLING_IN:
            if group[0].witness > witness:
                first.setdefault((witness, _sort(group[0])), group)
    alone: list[Account] = []
    for account in accounts:
        group = first.get((account.witness, _sort(account)))
        if group is None:
            alone.append(account)
        else:
            group.append(account)
    return alone


def _sort(account: Account) -> str | None:
    """Actions of git are told apart."""
    return account.text if account.kind is Kind.GIT_ACTION else None


_Sameness = Callable[[Account], str | None]


def _name(account: Account) -> str | None:
    return None if account.name is None or account.name.startswith(UNNAMED) else account.name


def _text(account: Account) -> str | None:
    return account.text


def _name_and_text(account: Account) -> str | None:
    name = _name(account)
    return None if name is None or account.text is None else f"{name} {account.text}"


def _joined(accounts: Sequence[Account], groups: Sequence[list[Account]], same: _Sameness) -> list[Account]:
    """Puts each account of a witness into the first group that tells the same, in which this witness has not told yet
    and which has no other name; returns those for which there is none left."""
    if not accounts:
        return []  # most witnesses tell nothing of most kinds, and the groups may be all events of a session
    free, named = _by_key(groups, same)
    alone: list[Account] = []
    for account in accounts:
        key, name = same(account), _name(account)
        group = None
        if key is not None:
            group = _take(account, *((free[key],) if name is None else (named[key, name], named[key, None])))
        if group is None:
            alone.append(account)
        else:
            group.append(account)
    return alone


_Groups = deque[list[Account]]


def _by_key(
    groups: Iterable[list[Account]], same: _Sameness
) -> tuple[defaultdict[str, _Groups], defaultdict[tuple[str, str | None], _Groups]]:
    """The groups by what they tell, and by that and the one name that they have, if any."""
    free: defaultdict[str, _Groups] = defaultdict(deque)
    named: defaultdict[tuple[str, str | None], _Groups] = defaultdict(deque)
    for group in groups:
        names = {name for member in group if (name := _name(member)) is not None}
        for key in {key for member in group if (key := same(member)) is not None}:
            free[key].append(group)
            if len(names) < 2:
                named[key, next(iter(names), None)].append(group)
    return free, named


def _take(account: Account, *candidates: _Groups) -> list[Account] | None:
    """Each group is looked at once: where this witness has told, no other account of it has a place."""
    for groups in candidates:
        while groups:
            group = groups.popleft()
            if not any(account.witness in member.told_by for member in group):
                return group
    return None


def _happening(members: Sequence[Account]) -> Happening:
    best = members[0]
    kept = next((member for member in members if not member.fresh), best)
    return Happening(kept, best, tuple(member for member in members if member is not kept))
