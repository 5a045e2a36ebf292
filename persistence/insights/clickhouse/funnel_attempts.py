"""Every attempt at a funnel, as ClickHouse finds them: one for each event that a subject may have begun with.

ClickHouse's own windowFunnel is not asked: it takes its window to end before its last moment, orders events of equal
times by nothing, gives strict order another meaning, and does not say when a step was reached. So it goes as in
PostgreSQL: backwards through a subject's events, one window function for each step, no event joined with another.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.insights.plans import (
    Attribution,
    Exclusion,
    FunnelOrder,
    FunnelPlan,
)
from persistence.insights.clickhouse.conditions import Binds, matches
from persistence.insights.clickhouse.ranked import value_of
from persistence.insights.clickhouse.source import any_of, events

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

    def events(self) -> str:
        """The events that matter: `m1`, `m2`, … say which steps they fit, `x0`, … which exclusions."""
        binds, plan = self.binds, self.plan
        more = [f"{matches(step, binds)} AS m{number}" for number, step in enumerate(plan.steps, 1)]
        more += [f"{matches(one.matched, binds)} AS x{number}" for number, one in enumerate(plan.exclusions)]
        if plan.breakdown is not None:
            more.append(f"{value_of(plan.breakdown, binds)} AS b")
        meant = any_of([*plan.steps, *(one.matched for one in plan.exclusions)], binds)
        which = "1" if plan.order is FunnelOrder.STRICT else meant  # nothing may come between
        found = events(binds, which, plan.where, plan.subject, plan.within.span, more, all=False)
        if not self.placed:
            return found
        pos = f"row_number() OVER (PARTITION BY {self.keys} ORDER BY {_NEWEST_FIRST})"
        return f"SELECT *, {pos} AS pos FROM ({found}) AS e"

    def all(self) -> str:
        """The attempts: `t1`, `t2`, … say when each step was reached (NULL: not), `reach` how many were, `void` whether
        an exclusion lies between."""
        begun = _FINDERS[self.plan.order](self, self._with_next_voids(f"({self.events()}) AS events"))
        limit = f"(ts + {self.binds.integer(round(self.plan.window.total_seconds() * 1_000_000))})"
        reached = ", ".join(
            f"if(ifNull(t{step} <= {limit}, 0), {mark}{step}, NULL) AS {mark}{step}"
            for step in self.steps
            for mark, _, _ in self.marks
        )
        voids = " OR ".join(self._is_void(number, limit) for number, _ in enumerate(self.plan.exclusions)) or "0"
        reach = " + ".join(f"isNotNull(t{step})" for step in self.steps)
        return (
            f"SELECT *, toUInt8({reach}) AS reach FROM"
            f" (SELECT {self.keys}, ts, ordinal, id, {reached}, {voids} AS void FROM ({begun}) AS begun) AS reached"
        )

    def _with_next_voids(self, source: str) -> str:
        """Each event with when the next one of each exclusion is, later than itself."""
        if not self.plan.exclusions:
            return source
        later = f"(PARTITION BY {self.keys} ORDER BY ts DESC RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
        found = ", ".join(
            f"min(if(x{number}, toNullable(ts), NULL)) OVER {later} AS next_x{number}" for number, _ in numbered(self)
        )
        return f"(SELECT *, {found} FROM {source}) AS seen"

    def _is_void(self, number: int, limit: str) -> str:
        """Whether the first one after step `after` comes before `before` is reached, and in time."""
        exclusion, next = self.plan.exclusions[number], f"next_x{number}"
        return f"(ifNull({next} <= {limit}, 0) AND ifNull({next} < {self._done(exclusion.before + 1, limit)}, 1))"

    def _done(self, step: int, limit: str) -> str:
        """When it was reached, where that was in time."""
        if self.plan.order is not FunnelOrder.UNORDERED:
            return f"if(ifNull(t{step} <= {limit}, 0), t{step}, NULL)"
        whole = " AND ".join(f"ifNull(t{one} <= {limit}, 0)" for one in self.steps)
        return f"if({whole}, greatest({', '.join(f't{one}' for one in self.steps)}), NULL)"


def numbered(of: Attempts) -> Sequence[tuple[int, Exclusion]]:
    return list(enumerate(of.plan.exclusions))


def _first(how: str, column: str, step: int) -> str:
    """Over the events of a step; NULL without one, as nothing else is."""
    return f"{how}(if(m{step}, toNullable({column}), NULL))"


def _ordered(of: Attempts, source: str) -> str:
    """What an event of step k knows of the steps after it, from the last step but one to the first."""
    found = source
    for step in reversed(of.steps[:-1]):
        fits = " OR ".join(f"m{one}" for one in range(1, step + 2))
        after = f"OVER {of.window} 1 PRECEDING)"
        found = f"(SELECT {of.own}, {', '.join(_known(of, step, after))} FROM {found} WHERE {fits}) AS from_{step}"
    return f"SELECT *, {_itself(of)} FROM {found} WHERE m1"


def _itself(of: Attempts) -> str:
    """That the first step is reached with the event that the attempt begins with."""
    return ", ".join(f"toNullable({column}) AS {mark}1" for mark, _, column in of.marks)


def _known(of: Attempts, step: int, after: str) -> list[str]:
    columns = [f"m{one}" for one in range(1, step + 1)]
    for mark, first, column in of.marks:
        columns.append(f"{_first(first, column, step + 1)} {after} AS {mark}{step + 1}")
        columns += [
            f"{_first(first, f'{mark}{later}', step + 1)} {after} AS {mark}{later}" for later in of.steps[step + 1 :]
        ]
    for number, exclusion in numbered(of):
        name = f"next_x{number}"
        columns.append(name if exclusion.after < step else f"{_first('min', name, step + 1)} {after} AS {name}")
    return columns


def _strict(of: Attempts, source: str) -> str:
    """The events straight after, as long as each is the next step."""
    marks = [(step, mark, column) for step in of.steps[1:] for mark, _, column in of.marks]
    after = (
        f"OVER (PARTITION BY {of.keys} ORDER BY {_NEWEST_FIRST}"
        " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
    )
    looked = [
        f"lagInFrame(if(m{step}, toNullable({column}), NULL), {step - 1}) {after} AS n{mark}{step}"
        for step, mark, column in marks
    ]
    looked += [f"lagInFrame(next_x{number}, {one.after}) {after} AS nx{number}" for number, one in numbered(of)]
    found = f"SELECT {of.own}, m1, {_itself(of)}, {', '.join(looked)} FROM {source}"
    chosen = [f"if({_unbroken(step)}, n{mark}{step}, NULL) AS {mark}{step}" for step, mark, _ in marks]
    chosen += [f"if({_unbroken(one.after + 1)}, nx{n}, NULL) AS next_x{n}" for n, one in numbered(of)]
    firsts = ", ".join(f"{mark}1" for mark, _, _ in of.marks)
    return f"SELECT {of.own}, {firsts}, {', '.join(chosen)} FROM ({found}) AS looked WHERE m1"


def _unbroken(step: int) -> str:
    return " AND ".join(f"isNotNull(nt{one})" for one in range(2, step + 1)) or "1"


def _unordered(of: Attempts, source: str) -> str:
    """The next event of each step, from any event on. Of steps that are alike the second needs the one after."""
    alike = [of.plan.steps[: number + 1].count(step) for number, step in enumerate(of.plan.steps)]
    found = source
    known = {(step, mark): column for step in of.steps for mark, _, column in of.marks}
    for turn in range(1, max(alike)):
        again = [(step, mark, first) for step in of.steps if alike[step - 1] > turn for mark, first, _ in of.marks]
        nexts = ", ".join(
            f"{_first(first, known[step, mark], step)} OVER {of.window} 1 PRECEDING) AS {mark}{step}_{turn}"
            for step, mark, first in again
        )
        found = f"(SELECT *, {nexts} FROM {found}) AS again_{turn}"
        known.update({(step, mark): f"{mark}{step}_{turn}" for step, mark, _ in again})
    firsts = ", ".join(
        f"{_first(first, known[step, mark], step)} OVER {of.window} CURRENT ROW) AS {mark}{step}"
        for step in of.steps
        for mark, first, _ in of.marks
    )
    fits = " OR ".join(f"m{step}" for step in of.steps)
    voids = "".join(f", next_x{number}" for number, _ in numbered(of))
    return f"SELECT {of.own}, {firsts}{voids} FROM {found} WHERE {fits}"


_FINDERS = {FunnelOrder.ORDERED: _ordered, FunnelOrder.STRICT: _strict, FunnelOrder.UNORDERED: _unordered}
