"""Several sessions of one project, from events to the score: merges and rework included."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from domain.judging.arcs import Rules, SessionLog
from domain.judging.derive import derive
from domain.judging.records import CloseReason, ReworkKind, State, SubSession
from domain.judging.rework import find_rework
from domain.judging.rule_judge import RuleJudge
from domain.scores.headline import score, tally
from domain.scores.totals import totals
from domain.timeline import Event, Kind
from tests import make

OLD = "\n".join(["@@ -0,0 +1,6 @@", *(f"+line {n} = {n}" for n in range(6))])
UNDONE = "\n".join(["@@ -1,6 +1,1 @@", *(f"-line {n} = {n}" for n in range(6)), "+gone = 1"])
OTHER = "/home/ada/other"


def judged(logs: Sequence[SessionLog]) -> list[SubSession]:
    """All rows of these sessions with their rework, as one developer's history gives them."""
    rows = derive(logs, Rules(), RuleJudge())
    return [replace(row, rework=find_rework(row, rows)) for row in rows]


def work(name: str, at: float, diff: str, added: int, removed: int, path: str = "shop/totals.py") -> list[Event]:
    made = [
        make.prompt(f"Fix the rounding of totals in {path} please", at),
        make.file_diff(path, at + 1, added=added, removed=removed, diff=diff),
        make.command("pytest", at + 2),
    ]
    return [replace(event, id=make.event_id(f"{name} {n}")) for n, event in enumerate(made)]


def test_a_rewrite_in_a_later_session_takes_the_first_out_of_the_score() -> None:
    first = make.session_log(*work("a", 0, OLD, 6, 0), session="a", ended_at=5)
    second = make.session_log(*work("b", 60, UNDONE, 1, 6), session="b", ended_at=65)
    assert score(tally(totals(judged([first])))) == 100
    undone, undoing = judged([second, first])
    assert (undone.rework and undone.rework.kind, undone.rework and undone.rework.by) == (
        ReworkKind.REWRITE,
        undoing.id,
    )
    assert (undone.crushed, undoing.crushed, score(tally(totals([undone, undoing])))) == (False, True, 50)


def test_the_same_rewrite_in_a_session_that_is_merged_is_no_rework() -> None:
    first = make.session_log(*work("a", 0, OLD, 6, 0), session="a", ended_at=5)
    second = make.session_log(*work("b", 12, UNDONE, 1, 6), session="b", ended_at=20)
    arc, fragment = judged([first, second])
    assert (arc.rework, fragment.state, fragment.rework) == (None, State.MERGED, None)
    assert score(tally(totals([arc, fragment]))) == 100


@st.composite
def histories(draw: st.DrawFn) -> list[SessionLog]:
    """Up to four sessions of some steps each; sessions begin close to each other or days apart."""
    logs: list[SessionLog] = []
    start = 0.0
    for session in range(draw(st.integers(1, 4))):
        events = [_step(draw, f"{session} {n}", start + n) for n in range(draw(st.integers(0, 8)))]
        ended = draw(st.booleans())
        logs.append(make.session_log(*events, session=f"s{session}", ended_at=start + 9 if ended else None))
        start += draw(st.sampled_from([3, 15, 60, 60 * 24 * 3]))
    return logs


def _step(draw: st.DrawFn, name: str, at: float) -> Event:
    path = draw(st.sampled_from(["shop/totals.py", "shop/cart.py"]))
    step = draw(
        st.sampled_from(
            [
                make.prompt("Fix the rounding of totals, they are off by one cent", at),
                make.prompt("Why is it done this way in the shop?", at),
                make.prompt("thanks, that works", at),
                make.prompt("still wrong, undo it", at),
                make.event(Kind.CONTEXT_CLEAR, at),
                make.file_diff(path, at, added=6, diff=OLD),
                make.file_diff(path, at, added=1, removed=6, diff=UNDONE),
                make.event(Kind.FILE_CREATE, at, path=path, lines_added=6, lines_removed=0, data={"diff": OLD}),
                make.event(Kind.FILE_DELETE, at, path=path),
                make.event(Kind.GIT_ACTION, at, data={"action": "commit", "commit": "abcdef1"}),
                make.event(Kind.GIT_ACTION, at, data={"action": "revert", "ref": "abcdef1"}),
                make.command(f"git checkout -- {path}", at),
                make.command("pytest", at, exit_code=draw(st.sampled_from([0, 1]))),
                make.response("The total is rounded half up now, because prices are. " * 5, at),
            ]
        )
    )
    return replace(step, id=make.event_id(name))


def shuffled(logs: Sequence[SessionLog], random: Random) -> list[SessionLog]:
    mixed = [replace(log, events=tuple(random.sample(log.events * 2, 2 * len(log.events)))) for log in logs]
    random.shuffle(mixed)
    return mixed


@given(histories(), st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_give_the_same_arcs_flags_rework_and_score(
    logs: list[SessionLog], random: Random
) -> None:
    rows, again = judged(logs), judged(shuffled(logs, random))
    assert again == rows
    assert totals(again) == totals(rows)


@given(histories())
def test_the_score_keeps_its_bounds(logs: list[SessionLog]) -> None:
    rows = judged(logs)
    counted = tally(totals(rows))
    assert 0 <= counted.crushed <= counted.qualifying <= len(rows)
    found = score(counted)
    assert found is None if counted.qualifying == 0 else found is not None and 0 <= found <= 100
    by_id = {row.id: row for row in rows}
    for row in rows:
        assert row.rework is None or by_id[row.rework.by].started_at > (row.ended_at or row.started_at)
        assert row.state is not State.MERGED or not (row.qualifying or row.rework or row.flags)


@given(histories(), histories())
def test_sessions_of_another_project_change_nothing_here(here: list[SessionLog], there: list[SessionLog]) -> None:
    beside = [
        make.session_log(
            *(replace(event, id=make.event_id(f"there {event.id}")) for event in log.events),
            session=f"there {log.session_id}",
            ended_at=log.ended_at,
            project=OTHER,
        )
        for log in there
    ]
    alone = judged(here)
    assert [row for row in judged([*beside, *here]) if row.project != OTHER] == alone


@given(histories())
def test_a_late_session_changes_older_arcs_by_rework_and_merge_alone(logs: list[SessionLog]) -> None:
    """All but the last session against all of them: what an arc was judged by stands."""
    before = {row.id: row for row in judged(logs[:-1])}
    for row in judged(logs):
        old = before.get(row.id)
        if old is None or row.rework != old.rework or row.fragment_ids != old.fragment_ids:
            continue
        assert row == old


def test_rest_closes_nothing_and_the_end_does() -> None:
    """An open arc has no outcome, the same one closed has."""
    events = work("a", 0, OLD, 6, 0)
    (running,) = judged([make.session_log(*events, session="a")])
    (ended,) = judged([make.session_log(*events, session="a", ended_at=3)])
    assert (running.state, running.close_reason, running.qualifying) == (State.OPEN, None, False)
    assert (ended.state, ended.close_reason, ended.qualifying) == (State.SCORED, CloseReason.SESSION_END, True)
    assert running.id == ended.id
