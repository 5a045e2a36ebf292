"""Totals of windows for tests of the pillars, and strategies for them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import strategies as st

from domain.judging.records import Flag, FlagKind, Habit, JudgeStatus, Measures, State, SubSession, TriviaReason
from domain.scores.totals import Crush, Totals
from domain.scores.windows import Window, WindowKind, window_containing
from domain.timeline import Tokens
from tests import make

ZONES = st.one_of(
    st.sampled_from(
        [
            "UTC",
            "Europe/Berlin",
            "Australia/Lord_Howe",
            "Pacific/Kiritimati",
            "Pacific/Apia",
            "America/St_Johns",
            "America/Sao_Paulo",
            "Africa/Casablanca",
        ]
    ),
    st.sampled_from(sorted(available_timezones())),
).map(ZoneInfo)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC))


def moment(text: str, zone: str = "UTC") -> datetime:
    """The instant at which the clock of `zone` shows `text`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def window(kind: WindowKind, text: str, zone: str = "UTC") -> Window:
    return window_containing(kind, moment(text, zone), ZoneInfo(zone))


def crushed(count: int, seconds: float | None = 60.0) -> Totals:
    """So many arcs, all crushed in that time."""
    return Totals(qualifying=count, crushes=(Crush(0, None, seconds),) * count)


def spent(*tokens: int, qualifying: int | None = None, total: int | None = None) -> Totals:
    """A crush for each number of tokens, among so many arcs that spent so much in all."""
    crushes = tuple(Crush(one, None, None) for one in tokens)
    return Totals(
        qualifying=len(tokens) if qualifying is None else qualifying,
        tokens=Tokens(input=sum(tokens) if total is None else total),
        crushes=crushes,
    )


def _arc(
    number: int, started_at: datetime, state: State, good: bool, spent: int, shown: list[bool | None], kinds: set[str]
) -> SubSession:
    habits = dict(zip(Habit, shown, strict=True))
    flags = tuple(
        Flag(make.arc_id(kind), FlagKind(kind), make.arc_id(number), started_at, "info", "") for kind in kinds
    )
    return make.sub_session(
        number,
        started_at=started_at,
        first_prompt_at=started_at,
        state=state,
        measures=Measures(turn_count=number, tokens=Tokens(spent, spent, spent, spent), cost_usd=Decimal(spent) / 1000),
        rubric=make.rubric(judge_status=JudgeStatus.OK if number % 3 else JudgeStatus.ERROR, habits=habits),
        outcome=make.outcome(goal_complete=good, goal_completed_at=started_at + timedelta(microseconds=spent)),
        substance_floor_passed=state is not State.EXCLUDED,
        excluded_reason=TriviaReason.NO_REAL_WORK if state is State.EXCLUDED else None,
        flags=flags,
    )


def arcs(begin: datetime, days: int) -> st.SearchStrategy[list[SubSession]]:
    """Arcs of any kind that start within so many days after `begin`."""
    one = st.builds(
        _arc,
        st.integers(1, 30),
        st.timedeltas(timedelta(0), timedelta(days=days)).map(begin.__add__),
        st.sampled_from(State),
        st.booleans(),
        st.integers(0, 10**9),
        st.lists(st.sampled_from([True, False, None]), min_size=7, max_size=7),
        st.sets(st.sampled_from([kind.value for kind in FlagKind])),
    )
    return st.lists(one, max_size=12)
