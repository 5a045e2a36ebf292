"""Which later arc undid an earlier one, and what does not count as undoing."""

from datetime import timedelta

import pytest

from domain.judging.edits import file_edits
from domain.judging.records import FileEdits, Intent, ReworkKind, State, SubSession
from domain.judging.rework import find_rework
from domain.timeline import Kind
from tests import make

DAY = timedelta(days=1)
LINES = frozenset(range(10))


def earlier(*files: FileEdits, commits: tuple[str, ...] = ()) -> SubSession:
    return make.sub_session("a", files=files, commit_refs=commits)


def later(
    *files: FileEdits, name: str = "b", days: float = 1, intent: Intent = Intent.FEATURE, **changes: object
) -> SubSession:
    start = make.time(30) + days * DAY
    facts = {"started_at": start, "ended_at": start + timedelta(hours=1), "files": files, **changes}
    return make.sub_session(name, rubric=make.rubric(intent=intent), **facts)


def added(lines: frozenset[int], path: str = "a.py", **facts: bool) -> FileEdits:
    return FileEdits(path, len(lines), 0, added_lines=lines, **facts)


def removed(lines: frozenset[int], path: str = "a.py", back: frozenset[int] = frozenset()) -> FileEdits:
    return FileEdits(path, len(back), len(lines), added_lines=back, removed_lines=lines)


def kind(arc: SubSession, *others: SubSession) -> ReworkKind | None:
    found = find_rework(arc, others)
    return found and found.kind


@pytest.mark.parametrize(
    "line", ["rm shop/gone.py", "cd shop && rm -f gone.py", "rm -r /srv/shop/gone.py", "git rm -q x.py shop/gone.py"]
)
def test_removing_by_a_command_what_the_arc_created_is_a_deletion(line: str):
    made = make.event(Kind.FILE_CREATE, path="/srv/shop/gone.py", data={"content": "x = 1"})
    gone = make.command(line, data={"command": line, "cwd": "/srv"})
    arc = earlier(*file_edits([made]))
    assert kind(arc, later(*file_edits([gone]))) is ReworkKind.DELETION
    elsewhere = make.command(line, data={"command": line.replace("/srv", "/opt"), "cwd": "/opt"})
    assert kind(arc, later(*file_edits([elsewhere]))) is None
    failed = make.command(line, exit_code=1, data={"command": line, "cwd": "/srv"})
    assert kind(arc, later(*file_edits([failed]))) is None


def test_nothing_later_is_no_rework():
    assert find_rework(earlier(added(LINES)), []) is None


def test_removing_half_of_the_added_lines_is_a_rewrite():
    arc = earlier(added(LINES))
    assert kind(arc, later(removed(frozenset(range(5))))) is ReworkKind.REWRITE
    assert kind(arc, later(removed(frozenset(range(4))))) is None


def test_less_than_half_of_the_added_lines_is_no_rewrite():
    arc = earlier(added(frozenset(range(199))))
    assert kind(arc, later(removed(frozenset(range(99))))) is None
    assert kind(arc, later(removed(frozenset(range(100))))) is ReworkKind.REWRITE


def test_fewer_than_five_lines_are_no_rewrite():
    arc = earlier(added(frozenset(range(4))))
    assert kind(arc, later(removed(frozenset(range(4))))) is None


def test_lines_are_matched_by_file():
    assert kind(earlier(added(LINES)), later(removed(LINES, path="b.py"))) is None


def test_the_share_is_of_all_lines_the_arc_added():
    arc = earlier(added(LINES), added(frozenset(range(100, 115)), "b.py"))
    assert kind(arc, later(removed(LINES))) is None


def test_lines_moved_or_indented_again_are_not_removed():
    arc = earlier(added(LINES))
    assert kind(arc, later(removed(LINES, back=LINES))) is None
    assert kind(arc, later(removed(LINES), added(LINES, "new.py"))) is None


def test_a_formatter_removes_nothing():
    before = ["def total(items):", "  return sum( items )", "x=1", "y = 2", "z = 3", "print(x,y)"]
    after = ["def total(items):", "    return sum(items)", "x = 1", "y = 2", "z = 3", "print(x, y)"]
    plus = "\n".join(f"+{line}" for line in before)
    change = "\n".join([*(f"-{line}" for line in before), *(f"+{line}" for line in after)])
    first = file_edits((make.file_diff("a.py", 0, added=6, diff=plus),))
    second = file_edits((make.file_diff("a.py", 1, added=6, removed=6, diff=change),))
    assert kind(earlier(*first), later(*second)) is None


def test_a_bug_fix_that_only_indents_anew_rewrites_nothing_however_much():
    lines = [f"total += item_{n}" for n in range(30)]
    first = file_edits((make.file_diff("a.py", 0, added=30, diff="\n".join(f"+{line}" for line in lines)),))
    plain, indented = [f"-{line}" for line in lines], [f"+    {line}" for line in lines]
    change = make.file_diff("a.py", 1, added=30, removed=30, diff="\n".join([*plain, *indented]))
    grown = make.file_diff("a.py", 1, added=31, removed=30, diff="\n".join([*plain, *indented, "+return total"]))
    for second in (change, grown):
        assert kind(earlier(*first), later(*file_edits((second,)), intent=Intent.BUG_FIX)) is None


def test_files_with_and_without_diffs_are_weighed_apart():
    arc = earlier(added(LINES), FileEdits("b.py", 20, 0))
    other = later(removed(frozenset(range(2))), FileEdits("b.py", 3, 10), intent=Intent.BUG_FIX)
    assert kind(arc, other) is ReworkKind.REWRITE
    assert kind(arc, later(removed(frozenset(range(2))), FileEdits("b.py", 3, 9), intent=Intent.BUG_FIX)) is None


def test_where_one_side_has_no_diffs_lines_are_counted():
    blind = FileEdits("a.py", 3, 10)
    assert kind(earlier(added(LINES)), later(blind, intent=Intent.BUG_FIX)) is ReworkKind.REWRITE
    assert kind(earlier(FileEdits("a.py", 10, 0)), later(removed(LINES), intent=Intent.BUG_FIX)) is ReworkKind.REWRITE
    assert kind(earlier(added(LINES)), later(blind, intent=Intent.FEATURE)) is None


def test_lines_the_arc_itself_replaced_do_not_count():
    own = FileEdits("a.py", 10, 6, added_lines=LINES, removed_lines=frozenset(range(6)))
    assert kind(earlier(own), later(removed(frozenset(range(6))))) is None


def test_a_refactor_moves_code_and_is_no_rewrite_but_may_revert():
    arc = earlier(added(LINES), commits=("abcdef1234",))
    assert kind(arc, later(removed(LINES), intent=Intent.REFACTOR)) is None
    assert kind(arc, later(intent=Intent.REFACTOR, revert_refs=("abcdef1",))) is ReworkKind.REVERT


@pytest.mark.parametrize(
    ("removed_count", "intent", "expected"),
    [
        (10, Intent.BUG_FIX, ReworkKind.REWRITE),
        (9, Intent.BUG_FIX, None),
        (10, Intent.FEATURE, None),
    ],
)
def test_without_diffs_a_bug_fix_that_removes_as_many_lines_is_a_rewrite(
    removed_count: int, intent: Intent, expected: ReworkKind | None
):
    arc = earlier(FileEdits("a.py", 20, 0))
    assert kind(arc, later(FileEdits("a.py", 3, removed_count), intent=intent)) is expected


@pytest.mark.parametrize(
    ("added_count", "removed_count", "found"),
    [(199, 99, False), (199, 100, True), (18, 9, False), (20, 10, True), (0, 20, False), (1, 20, True)],
)
def test_without_diffs_half_of_the_lines_and_ten_must_go(added_count: int, removed_count: int, found: bool):
    arc = earlier(FileEdits("a.py", added_count, 300))
    assert (kind(arc, later(FileEdits("a.py", 3, removed_count), intent=Intent.BUG_FIX)) is not None) is found


def test_without_diffs_only_shared_files_are_counted():
    arc = earlier(FileEdits("a.py", 20, 0), FileEdits("b.py", 500, 0))
    other = later(FileEdits("a.py", 0, 10), FileEdits("c.py", 0, 300), intent=Intent.BUG_FIX)
    assert kind(arc, other) is ReworkKind.REWRITE
    assert kind(earlier(FileEdits("a.py", 21, 0)), other) is None


def test_reverting_a_commit_of_the_arc_by_a_short_or_long_hash():
    arc = earlier(added(LINES), commits=("abcdef1",))
    assert kind(arc, later(revert_refs=("ABCDEF1234567890",))) is ReworkKind.REVERT
    assert kind(arc, later(revert_refs=("abcdef2",))) is None
    assert kind(arc, later(revert_refs=("HEAD~1", "abc", "abcdef"))) is None


def test_bringing_back_a_file_the_arc_never_committed_is_a_revert():
    restored = FileEdits("a.py", 0, 0, restored=True)
    assert kind(earlier(added(LINES)), later(restored)) is ReworkKind.REVERT
    assert kind(earlier(added(LINES), commits=("abcdef1",)), later(restored)) is None
    assert kind(earlier(added(LINES)), later(FileEdits("b.py", 0, 0, restored=True))) is None


@pytest.mark.parametrize(
    ("file", "found"),
    [
        (FileEdits("a.py", 0, 0), False),
        (FileEdits("a.py", 1, 0), True),
        (FileEdits("a.py", 0, 1), True),
        (FileEdits("a.py", 0, 0, created=True), True),
        (FileEdits("a.py", 0, 0, deleted=True), True),
    ],
)
def test_only_a_file_that_the_arc_changed_can_be_brought_back(file: FileEdits, found: bool):
    assert (kind(earlier(file), later(FileEdits("a.py", 0, 0, restored=True))) is ReworkKind.REVERT) is found


def test_deleting_a_file_the_arc_created():
    gone = FileEdits("a.py", 0, 10, deleted=True)
    assert kind(earlier(added(LINES, created=True)), later(gone)) is ReworkKind.DELETION
    assert kind(earlier(added(LINES)), later(gone)) is None


def test_moving_a_created_file_is_no_deletion():
    gone = FileEdits("a.py", 0, 10, deleted=True)
    for kept, expected in ((10, None), (5, None), (4, ReworkKind.DELETION)):
        moved = added(frozenset(range(kept)), "moved.py", created=True)
        assert kind(earlier(added(LINES, created=True)), later(gone, moved)) is expected


@pytest.mark.parametrize(("days", "found"), [(0, False), (0.01, True), (14, True), (14.001, False), (-1, False)])
def test_only_within_two_weeks_after_the_end(days: float, found: bool):
    assert (kind(earlier(added(LINES)), later(removed(LINES), days=days)) is not None) is found


def test_only_the_same_developer_and_a_known_project():
    arc = earlier(added(LINES))
    stranger = later(removed(LINES), user_id=make.UserId(make.UUID(int=2)))
    assert kind(arc, stranger) is None
    assert kind(arc, later(removed(LINES), project="/home/ada/other")) is None
    unknown = make.sub_session("a", files=(added(LINES),), project=None)
    assert kind(unknown, later(removed(LINES), project=None)) is None


def test_an_open_or_merged_arc_is_not_reworked_and_a_merged_one_reworks_nothing():
    other = later(removed(LINES))
    assert kind(make.sub_session("a", files=(added(LINES),), ended_at=None), other) is None
    assert kind(make.sub_session("a", files=(added(LINES),), state=State.MERGED), other) is None
    assert kind(earlier(added(LINES)), later(removed(LINES), state=State.MERGED)) is None


def test_its_own_fragments_do_not_rework_an_arc():
    other = later(removed(LINES))
    arc = make.sub_session("a", files=(added(LINES),), fragment_ids=(make.arc_id("a"), other.id))
    assert kind(arc, other) is None


def test_an_arc_without_changes_is_never_reworked():
    assert kind(earlier(), later(removed(LINES), revert_refs=("abcdef1",))) is None


@pytest.mark.parametrize(
    ("intent", "found"),
    [
        (Intent.QUESTION, None),
        (Intent.INVESTIGATION, None),
        (Intent.REVIEW, None),
        (Intent.PLAN, None),
        (Intent.SMALL_CHANGE, ReworkKind.REVERT),
    ],
)
def test_talk_without_file_changes_is_never_reworked(intent: Intent, found: ReworkKind | None):
    """Section 9: what such an arc committed was the work of others."""
    arc = make.sub_session("a", files=(), commit_refs=("abcdef1",), rubric=make.rubric(intent=intent))
    assert kind(arc, later(revert_refs=("abcdef1",))) is found


def test_the_earliest_wins_in_any_order_and_is_dated_by_its_end():
    first, second = later(removed(LINES), name="b", days=1), later(removed(LINES), name="c", days=2)
    arc = earlier(added(LINES))
    found = find_rework(arc, [second, first])
    assert found == find_rework(arc, [first, second])
    assert found is not None
    assert (found.by, found.detected_at) == (first.id, first.ended_at)


def test_rework_by_an_open_arc_is_dated_by_its_last_event():
    running = later(removed(LINES), ended_at=None, last_event_at=make.time(30) + 2 * DAY)
    found = find_rework(earlier(added(LINES)), [running])
    assert found is not None
    assert found.detected_at == make.time(30) + 2 * DAY
