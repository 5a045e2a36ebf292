from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from domain.judging.arcs import Fragment, Rules
from domain.judging.records import CloseReason
from domain.judging.segmentation import in_order, segment
from domain.timeline import Event, Kind
from tests import make

PLAIN = Rules()
ON_COMMIT = Rules(split_on_commit=True)


def cut(*events: Event, ended_at: float | None = None, rules: Rules = PLAIN) -> list[Fragment]:
    return segment(make.session_log(*events, ended_at=ended_at), rules)


def kinds(fragments: Sequence[Fragment]) -> list[list[str]]:
    return [[event.kind.value for event in fragment.events] for fragment in fragments]


def clear(at: float) -> Event:
    return make.event(Kind.CONTEXT_CLEAR, at)


def commit(at: float, **data: object) -> Event:
    return make.event(Kind.GIT_ACTION, at, data={"action": "commit", **data})


FIX = make.prompt("Fix the rounding of invoice totals in shop/totals.py", 0)
GUIDE = make.prompt("Write the deployment guide for Kubernetes into docs/deploy.md", 20)


def test_no_events_make_no_fragment() -> None:
    assert cut() == cut(ended_at=5) == []


def test_a_running_session_is_one_open_fragment() -> None:
    (only,) = cut(FIX, make.file_diff("shop/totals.py", 1))
    assert (only.closed_at, only.close_reason) == (None, None)
    assert (only.session_id, only.user_id, only.project) == (make.SESSION, make.USER, make.PROJECT)


def test_the_end_of_the_session_closes() -> None:
    (only,) = cut(FIX, make.event(Kind.SESSION_END, 5), ended_at=5)
    assert (only.closed_at, only.close_reason) == (make.time(5), CloseReason.SESSION_END)


def test_three_hours_of_rest_close_nothing() -> None:
    assert len(cut(FIX, make.prompt("Fix the totals of the other invoice page too", 180))) == 1


def test_compaction_closes_nothing() -> None:
    assert len(cut(FIX, make.event(Kind.CONTEXT_COMPACT, 5), make.prompt("go on please", 6))) == 1


def test_clear_closes_and_the_next_prompt_opens() -> None:
    first, second = cut(FIX, clear(5), make.prompt("go on please", 9))
    assert (first.closed_at, first.close_reason) == (make.time(5), CloseReason.CLEAR)
    assert second.started_at == make.time(9)
    assert kinds([first, second]) == [["prompt", "context_clear"], ["prompt"]]


def test_a_prompt_that_is_nothing_but_the_command_clears_too() -> None:
    first, second = cut(FIX, make.prompt(" /clear\n", 5), make.prompt("go on please", 9))
    assert (first.closed_at, first.close_reason) == (make.time(5), CloseReason.CLEAR)
    assert second.started_at == make.time(9)
    for other in ("/clear-cache", "/clear it all", "/compact", "what does /clear do?"):
        assert len(cut(FIX, make.prompt(other, 5), make.prompt("go on please", 9))) == 1
    assert len(cut(FIX, make.prompt("/clear", 5, agent_id="a1"), make.prompt("go on please", 9))) == 1


def test_bookkeeping_between_clear_and_prompt_belongs_to_the_closed_fragment() -> None:
    between = (make.event(Kind.SESSION_TITLE, 6), make.event(Kind.SLASH_COMMAND, 7), make.prompt("!ls", 8))
    first, second = cut(FIX, clear(5), *between, make.prompt("go on please", 9))
    assert len(first.events) == 5
    assert second.started_at == make.time(9)


def test_what_a_person_does_alone_after_clear_opens_nothing() -> None:
    by_hand = (
        make.command("ls", 6, actor="human"),
        make.command("git pull", 7, actor="unknown", data={"command": "git pull", "human": True}),
        make.file_diff("a.py", 8, actor="human", provenance=make.BY_HAND),
    )
    first, second = cut(FIX, clear(5), *by_hand, make.prompt("go on please", 9))
    assert (len(first.events), second.started_at) == (5, make.time(9))
    assert len(cut(FIX, clear(5), *by_hand)) == 1
    assert len(cut(*by_hand)) == 1
    assert len(cut(FIX, clear(5), make.command("ls", 6))) == 2


def test_without_a_next_prompt_the_closed_fragment_keeps_its_reason() -> None:
    (only,) = cut(FIX, clear(5), make.event(Kind.SESSION_END, 6), ended_at=6)
    assert (only.closed_at, only.close_reason) == (make.time(5), CloseReason.CLEAR)
    assert len(only.events) == 3


def test_clear_as_the_first_event_makes_no_empty_fragment() -> None:
    assert kinds(cut(clear(-1), FIX)) == [["context_clear", "prompt"]]
    start = make.event(Kind.SESSION_START, -2)
    assert kinds(cut(start, clear(-1), clear(-0.5), FIX)) == [
        ["session_start", "context_clear", "context_clear", "prompt"]
    ]


def test_two_clears_in_a_row_close_once() -> None:
    first, second = cut(FIX, clear(5), clear(6), GUIDE)
    assert kinds([first, second]) == [["prompt", "context_clear", "context_clear"], ["prompt"]]


def test_events_before_the_first_prompt_belong_to_the_first_fragment() -> None:
    (only,) = cut(make.event(Kind.SESSION_START, -5), make.file_diff("a", -3), FIX)
    assert only.started_at == make.time(-5)


def test_a_fragment_without_any_prompt_exists() -> None:
    assert kinds(cut(make.event(Kind.SESSION_START), make.file_diff("a", 1))) == [["session_start", "file_diff"]]
    assert kinds(cut(make.event(Kind.SESSION_START))) == [["session_start"]]


def test_work_after_clear_without_a_prompt_opens_with_the_command_that_asked_for_it() -> None:
    model, review = make.event(Kind.SLASH_COMMAND, 6), make.event(Kind.SLASH_COMMAND, 7)
    title, read = make.event(Kind.SESSION_TITLE, 7.5), make.tool_use("Read", 8)
    first, second = cut(FIX, clear(5), model, review, title, read, make.prompt("thanks, go on", 9))
    assert kinds([first, second]) == [
        ["prompt", "context_clear", "slash_command"],
        ["slash_command", "session_title", "tool_use", "prompt"],
    ]


def test_a_topic_shift_closes_just_before_the_prompt() -> None:
    first, second = cut(FIX, make.response("done", 7), GUIDE)
    assert (first.closed_at, first.close_reason) == (make.time(7), CloseReason.TOPIC_SHIFT)
    assert second.events == (GUIDE,)


def test_files_that_the_turn_itself_touches_may_show_the_shift() -> None:
    guide = make.prompt("Write the deployment guide for Kubernetes with diagrams", 20)
    assert len(cut(FIX, guide)) == 1
    assert len(cut(FIX, guide, make.tool_use("Read", 21, path="docs/deploy.md"))) == 2
    assert len(cut(FIX, guide, make.prompt("yes", 22), make.tool_use("Read", 23, path="docs/deploy.md"))) == 1
    assert len(cut(FIX, guide, make.tool_use("Read", 21, path="docs/deploy.md", agent_id="a1"))) == 1


def test_files_that_sub_agents_touched_belong_to_the_topic() -> None:
    touched = make.tool_use("Read", 1, path="/home/ada/docs/deploy.md", agent_id="a1")
    assert len(cut(FIX, touched, GUIDE)) == 1


def test_the_first_prompt_never_shifts_away_from_work_before_it() -> None:
    assert len(cut(make.file_diff("other.py", -1), GUIDE)) == 1


def test_slash_commands_never_shift() -> None:
    command = make.event(Kind.SLASH_COMMAND, 5, data={"name": "x", "args": "new task that is unrelated to this topic"})
    assert len(cut(FIX, command)) == 1


def test_what_sub_agents_say_neither_opens_nor_shifts_nor_clears() -> None:
    said = make.prompt("new task: write the deployment guide into docs/deploy.md", 3, agent_id="a1")
    assert len(cut(FIX, said, make.event(Kind.CONTEXT_CLEAR, 4, agent_id="a1"), make.response("ok", 5))) == 1


def test_sub_agents_still_at_work_after_clear_belong_to_the_closed_fragment() -> None:
    late = make.tool_use("Edit", 7, path="a", agent_id="a1")
    during = make.tool_use("Read", 10, path="a", agent_id="a1")
    first, second = cut(FIX, clear(5), late, make.prompt("go on please", 9), during)
    assert kinds([first, second]) == [["prompt", "context_clear", "tool_use"], ["prompt", "tool_use"]]
    assert first.closed_at == make.time(5)


def test_commits_close_only_where_the_organisation_wants_it() -> None:
    events = (
        FIX,
        make.file_diff("shop/totals.py", 1),
        commit(2),
        make.response("committed", 3),
        make.prompt("ok go", 4),
    )
    assert len(cut(*events)) == 1
    first, second = cut(*events, rules=ON_COMMIT)
    assert (first.closed_at, first.close_reason) == (make.time(2), CloseReason.GIT_COMMIT)
    assert kinds([first, second]) == [["prompt", "file_diff", "git_action", "ai_response"], ["prompt"]]


def test_a_fragment_closed_by_its_commit_is_closed_without_a_next_prompt() -> None:
    (only,) = cut(FIX, make.file_diff("a", 1), commit(2), make.response("x", 3), rules=ON_COMMIT, ended_at=9)
    assert (only.closed_at, only.close_reason) == (make.time(2), CloseReason.GIT_COMMIT)


def test_a_commit_of_other_files_closes_nothing() -> None:
    change = make.file_diff("/home/ada/shop/totals.py", 1)
    assert len(cut(FIX, change, commit(2, files=["docs/x.md"]), make.prompt("go", 3), rules=ON_COMMIT)) == 1
    assert len(cut(FIX, change, commit(2, files=["shop/totals.py"]), make.prompt("go", 3), rules=ON_COMMIT)) == 2
    assert len(cut(FIX, commit(2), make.prompt("go", 3), rules=ON_COMMIT)) == 1


def test_a_commit_by_a_plain_command_closes_too() -> None:
    change = make.file_diff("a", 1)
    done = make.command("git add -A && git commit -m x", 2)
    failed = make.command("git commit -m x", 2, exit_code=1)
    assert len(cut(FIX, change, done, make.prompt("go", 3), rules=ON_COMMIT)) == 2
    assert len(cut(FIX, change, failed, make.prompt("go", 3), rules=ON_COMMIT)) == 1
    told = make.tool_use("Git", 2, data={"action": "commit"})
    for other in (make.command("npm test", 2), make.event(Kind.GIT_ACTION, 2, data={"action": "push"}), told):
        assert len(cut(FIX, change, other, make.prompt("go", 3), rules=ON_COMMIT)) == 1


def test_events_after_the_end_are_appended_to_the_last_fragment() -> None:
    late = make.prompt("new task: write the deployment guide into docs/deploy.md", 9)
    (only,) = cut(FIX, late, clear(10), make.response("x", 11), ended_at=5)
    assert len(only.events) == 4
    assert (only.closed_at, only.close_reason) == (make.time(5), CloseReason.SESSION_END)


def test_an_event_at_the_very_end_is_not_late() -> None:
    assert len(cut(FIX, GUIDE, ended_at=20)) == 2
    assert len(cut(FIX, GUIDE, ended_at=19.99)) == 1


def test_an_end_before_the_first_event_closes_at_the_first_event() -> None:
    (only,) = cut(FIX, ended_at=-60)
    assert only.closed_at == only.started_at


def test_the_id_follows_from_the_first_event() -> None:
    alone = cut(FIX)[0]
    assert alone.id == cut(FIX, make.response("x", 1), ended_at=5)[0].id
    assert alone.id != cut(GUIDE)[0].id
    fixed = replace(FIX, id=make.event_id("fixed"))
    assert str(cut(fixed)[0].id) == "5f52b179-5846-562b-85c5-9f35c483d354"


def test_events_of_the_same_time_keep_the_order_of_their_source() -> None:
    second, first = make.response("b", 1, ordinal=1), make.response("a", 1, ordinal=0)
    assert in_order([second, first, second]) == (first, second)


TEXTS = st.sampled_from(
    [
        "yes",
        "Fix the rounding of invoice totals in shop/totals.py",
        "Write the deployment guide for Kubernetes into docs/deploy.md",
        "new task: look at the login page of the shop",
        "/model opus",
        "",
    ]
)


@st.composite
def any_event(draw: st.DrawFn) -> Event:
    kind, number = draw(st.sampled_from(list(Kind))), draw(st.integers(0, 1000))
    return make.event(
        kind,
        draw(st.integers(0, 40)),
        id=make.event_id((number, kind)),
        agent_id=draw(st.sampled_from([None, None, None, "a1"])),
        path=draw(st.sampled_from([None, "shop/totals.py", "docs/deploy.md"])),
        data={"text": draw(TEXTS), "action": "commit"},
    )


EVENTS = st.lists(any_event(), max_size=30, unique_by=lambda event: event.id)
ENDS = st.none() | st.integers(0, 50)


@given(EVENTS, ENDS, st.booleans())
def test_every_event_belongs_to_one_fragment(events: list[Event], ended_at: int | None, commits: bool) -> None:
    fragments = cut(*events, ended_at=ended_at, rules=Rules(commits))
    assert sorted(event.id for fragment in fragments for event in fragment.events) == sorted(e.id for e in events)
    assert len({fragment.id for fragment in fragments}) == len(fragments)
    for fragment in fragments:
        assert fragment.events == in_order(fragment.events)


@given(EVENTS, ENDS, st.booleans())
def test_fragments_follow_each_other(events: list[Event], ended_at: int | None, commits: bool) -> None:
    fragments = cut(*events, ended_at=ended_at, rules=Rules(commits))
    for one, following in pairwise(fragments):
        assert one.closed_at is not None
        assert one.started_at <= one.closed_at <= following.started_at
        assert one.close_reason is not CloseReason.SESSION_END
    if fragments:
        assert fragments[-1].closed_at is not None or ended_at is None


@given(EVENTS, ENDS, st.randoms(use_true_random=False))
def test_order_and_repetition_of_events_do_not_matter(
    events: list[Event], ended_at: int | None, random: Random
) -> None:
    expected = cut(*events, ended_at=ended_at)
    shuffled = events + random.choices(events, k=5) if events else events
    random.shuffle(shuffled)
    assert cut(*shuffled, ended_at=ended_at) == expected


def test_a_gap_of_any_length_keeps_the_fragment() -> None:
    later = replace(make.prompt("go on"), ts=make.START + timedelta(days=400))
    assert len(cut(FIX, later)) == 1
