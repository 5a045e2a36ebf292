"""Every attempt at a funnel, as PostgreSQL finds them: one for each event that a subject may have begun with.

An attempt takes the first event that fits each next step, so it says when all steps that it can reach are reached.
Going through a subject's events backwards, an event of step k knows all its later steps from the next event of step
k + 1: one window function for each step over one sorting, and no event is joined with another.

Two steps are never one event, events of equal ts come in the order of their ordinals and then their ids. Only steps of
unordered funnels that differ may be one event, when it fits both: those alike need an event each.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from domain.insights.filters import (
    Matched,
)
from domain.insights.plans import (
    Attribution,
    Exclusion,
    FunnelOrder,
    FunnelPlan,
)
from persistence.insights.conditions import Binds, condition, matches
from persistence.insights.counted import SUBJECTS, within
from persistence.insights.ranked import values_of

_NEWEST_FIRST = "ts DESC, ordinal DESC, id DESC"


@dataclass(frozen=True, slots=True)
class Attempts:
    """Parts of statements about one plan. `keys` say whose events belong together.

    With `placed` an attempt also says with which events its steps were reached: by their `pos`, from 1 for the last.
    """

    plan: FunnelPlan
    binds: Binds
    placed: bool = False
    keys: str = field(init=False)

    def __post_init__(self) -> None:
        apart = self.plan.breakdown is not None and self.plan.attribution is Attribution.ALL_EVENTS
        object.__setattr__(self, "keys", "subject, b" if apart else "subject")

    @property
    def steps(self) -> range:
        return range(1, len(self.plan.steps) + 1)

    @property
    def marks(self) -> Sequence[tuple[str, str, str]]:
        """What is known of the event of a step: the letter of its column, how to find the first one, of what."""
        return (("t", "min", "ts"), ("p", "max", "pos")) if self.placed else (("t", "min", "ts"),)

    @property
    def window(self) -> str:
        """From an event back to the last one of its subject."""
        return f"(PARTITION BY {self.keys} ORDER BY {_NEWEST_FIRST} ROWS BETWEEN UNBOUNDED PRECEDING AND"

    @property
    def own(self) -> str:
        return f"{self.keys}, ts, ordinal, id{', pos' if self.placed else ''}"

    @property
    def voids(self) -> Sequence[str]:
        return [f"x{number}" for number, _ in enumerate(self.plan.exclusions)]

    def events(self, with_arcs: bool = False) -> str:
        """The events that matter: `m1`, `m2`, … say which steps they fit, `x0`, … which exclusions."""
        binds, plan = self.binds, self.plan
        fits = [f"{matches(step, binds)} AS m{number}" for number, step in enumerate(plan.steps, 1)]
        fits += [f"{matches(one.matched, binds)} AS x{number}" for number, one in enumerate(plan.exclusions)]
        if plan.breakdown is not None:
            fits.append(f"{values_of(plan.breakdown, binds)} AS b")
        if with_arcs:
            fits.append("e.sub_session_id AS arc")
        subject = f"e.{SUBJECTS[plan.subject]}"
        found = (
            f"SELECT {subject} AS subject, e.ts, e.ordinal, e.id, {', '.join(fits)} FROM insight_events e"
            f" WHERE {binds.whose()}{within(binds, 'e.ts', plan.within.span)} AND {self._meant()}"
            f" AND {subject} IS NOT NULL"
        )
        if not self.placed:
            return found
        return (
            f"SELECT *, row_number() OVER (PARTITION BY {self.keys} ORDER BY {_NEWEST_FIRST}) AS pos FROM ({found}) e"
        )

    def _meant(self) -> str:
        """Where nothing may come between, all of a subject's events matter."""
        everywhere = condition(self.plan.where, self.binds)
        if self.plan.order is FunnelOrder.STRICT:
            return everywhere
        return (
            f"{everywhere} AND {any_of([*self.plan.steps, *(one.matched for one in self.plan.exclusions)], self.binds)}"
        )

    def all(self, source: str) -> str:
        """The attempts among the events of `source`: `t1`, `t2`, … say when each step was reached (NULL: not), `reach`
        how many were, `void` whether an exclusion lies between."""
        begun = _FINDERS[self.plan.order](self, self._with_next_voids(source))
        limit = f"ts + {window(self.plan.window, self.binds)}"
        reached = ", ".join(
            f"CASE WHEN t{step} <= {limit} THEN {mark}{step} END AS {mark}{step}"
            for step in self.steps
            for mark, _, _ in self.marks
        )
        voids = " OR ".join(self._is_void(number, limit) for number, _ in enumerate(self.plan.exclusions)) or "FALSE"
        times = ", ".join(f"t{step}" for step in self.steps)
        return (
            f"SELECT *, num_nonnulls({times}) AS reach FROM"
            f" (SELECT {self.keys}, ts, ordinal, id, {reached}, {voids} AS void FROM ({begun}) begun) reached"
        )

    def _with_next_voids(self, source: str) -> str:
        """Each event with when the next one of each exclusion is, later than itself."""
        if not self.plan.exclusions:
            return source
        found = ", ".join(f"min(ts) FILTER (WHERE {void}) OVER later AS next_{void}" for void in self.voids)
        return (
            f"(SELECT *, {found} FROM {source} WINDOW later AS (PARTITION BY {self.keys} ORDER BY ts DESC"
            " GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) seen"
        )

    def _is_void(self, number: int, limit: str) -> str:
        """Whether the first one after step `after` comes before `before` is reached, and in time."""
        exclusion, next = self.plan.exclusions[number], f"next_x{number}"
        return f"COALESCE({next} <= {limit} AND ({next} < {self._done(exclusion.before + 1)}) IS NOT FALSE, FALSE)"

    def _done(self, step: int) -> str:
        if self.plan.order is not FunnelOrder.UNORDERED:
            return f"t{step}"
        times = [f"t{step}" for step in self.steps]
        return f"CASE WHEN num_nulls({', '.join(times)}) = 0 THEN GREATEST({', '.join(times)}) END"


def any_of(meant: Sequence[Matched], binds: Binds) -> str:
    """Whether an event is one of those that are meant; by their names alone where that says all, for the index."""
    names = {one.event for one in meant if one.event is not None}
    if any(one.event is None for one in meant):
        return f"({' OR '.join(matches(one, binds) for one in meant)})"
    named = f"e.event = ANY ({binds.texts(sorted(names))})"
    if all(condition(one.where, binds) == "TRUE" for one in meant):
        return named
    return f"{named} AND ({' OR '.join(matches(one, binds) for one in meant)})"


def window(length: timedelta, binds: Binds) -> str:
    """An interval without days, that no change of clocks makes longer."""
    return f"make_interval(secs => {binds.add(length.total_seconds(), 'float8')})"


def _ordered(of: Attempts, source: str) -> str:
    """What an event of step k knows of the steps after it, from the last step but one to the first."""
    found = source
    for step in reversed(of.steps[:-1]):
        fits = " OR ".join(f"m{one}" for one in range(1, step + 2))
        found = (
            f"(SELECT {of.own}, {', '.join(_known(of, step))} FROM {found} WHERE {fits}"
            f" WINDOW after AS {of.window} 1 PRECEDING)) from_{step}"
        )
    return f"SELECT *, {_itself(of)} FROM {found} WHERE m1"


def _itself(of: Attempts) -> str:
    """That the first step is reached with the event that the attempt begins with."""
    return ", ".join(f"{column} AS {mark}1" for mark, _, column in of.marks)


def _known(of: Attempts, step: int) -> list[str]:
    next = f"FILTER (WHERE m{step + 1}) OVER after"
    columns = [f"m{one}" for one in range(1, step + 1)]
    for mark, first, column in of.marks:
        columns.append(f"{first}({column}) {next} AS {mark}{step + 1}")
        columns += [f"{first}({mark}{later}) {next} AS {mark}{later}" for later in of.steps[step + 1 :]]
    for number, exclusion in enumerate(of.plan.exclusions):
        own = exclusion.after < step
        columns.append(f"next_x{number}" if own else f"min(next_x{number}) {next} AS next_x{number}")
    return columns


def _strict(of: Attempts, source: str) -> str:
    """The events straight after, as long as each is the next step."""
    marks = [(step, mark, column) for step in of.steps[1:] for mark, _, column in of.marks]
    looked = [
        f"lag(CASE WHEN m{step} THEN {column} END, {step - 1}) OVER after AS n{mark}{step}"
        for step, mark, column in marks
    ]
    looked += [f"lag(next_x{number}, {one.after}) OVER after AS nx{number}" for number, one in _numbered(of)]
    found = (
        f"SELECT {of.own}, m1, {_itself(of)}, {', '.join(looked)} FROM {source}"
        f" WINDOW after AS (PARTITION BY {of.keys} ORDER BY {_NEWEST_FIRST})"
    )
    chosen = [f"CASE WHEN {_unbroken(step)} THEN n{mark}{step} END AS {mark}{step}" for step, mark, _ in marks]
    chosen += [f"CASE WHEN {_unbroken(one.after + 1)} THEN nx{n} END AS next_x{n}" for n, one in _numbered(of)]
    firsts = ", ".join(f"{mark}1" for mark, _, _ in of.marks)
    return f"SELECT {of.own}, {firsts}, {', '.join(chosen)} FROM ({found}) looked WHERE m1"


def _numbered(of: Attempts) -> Sequence[tuple[int, Exclusion]]:
    return list(enumerate(of.plan.exclusions))


def _unbroken(step: int) -> str:
    return f"num_nulls({', '.join(f'nt{one}' for one in range(2, step + 1))}) = 0" if step > 1 else "TRUE"


def _unordered(of: Attempts, source: str) -> str:
    """The next event of each step, from any event on. Of steps that are alike the second needs the one after."""
    alike = [of.plan.steps[: number + 1].count(step) for number, step in enumerate(of.plan.steps)]
    found = source
    known = {(step, mark): column for step in of.steps for mark, _, column in of.marks}
    for turn in range(1, max(alike)):
        again = [(step, mark, first) for step in of.steps if alike[step - 1] > turn for mark, first, _ in of.marks]
        nexts = ", ".join(
            f"{first}({known[step, mark]}) FILTER (WHERE m{step}) OVER after AS {mark}{step}_{turn}"
            for step, mark, first in again
        )
        found = f"(SELECT *, {nexts} FROM {found} WINDOW after AS {of.window} 1 PRECEDING)) again_{turn}"
        known.update({(step, mark): f"{mark}{step}_{turn}" for step, mark, _ in again})
    firsts = ", ".join(
        f"{first}({known[step, mark]}) FILTER (WHERE m{step}) OVER from_here AS {mark}{step}"
        for step in of.steps
        for mark, first, _ in of.marks
    )
    fits = " OR ".join(f"m{step}" for step in of.steps)
    voids = "".join(f", next_{void}" for void in of.voids)
    return f"SELECT {of.own}, {firsts}{voids} FROM {found} WHERE {fits} WINDOW from_here AS {of.window} CURRENT ROW)"


_FINDERS = {FunnelOrder.ORDERED: _ordered, FunnelOrder.STRICT: _strict, FunnelOrder.UNORDERED: _unordered}
