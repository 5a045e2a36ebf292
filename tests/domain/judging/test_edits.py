from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.judging import edits
from domain.judging.edits import file_edits, line_counts, line_digest, paths_of
from domain.judging.records import FileEdits
from domain.timeline import Event, Kind
from tests import make

DIFF = """--- a/shop/totals.py
+++ b/shop/totals.py
@@ -1,3 +1,4 @@
 def total(rows):
-    return sum(rows)
+    # round half up
+    return round_half_up(sum(rows))

"""


def digests(*lines: str) -> frozenset[int]:
    return frozenset(map(line_digest, lines))


def only(*events: Event) -> FileEdits:
    (one,) = file_edits(events)
    return one


def test_nothing_changed_without_events() -> None:
    assert file_edits(()) == ()


def test_lines_of_a_diff_are_trimmed_and_blank_ones_left_out() -> None:
    file = only(make.file_diff("shop/totals.py", added=2, removed=1, diff=DIFF))
    assert (file.lines_added, file.lines_removed) == (2, 1)
    assert file.added_lines == digests("# round half up", "return round_half_up(sum(rows))")
    assert file.removed_lines == digests("return sum(rows)")
    assert not file.created


def test_a_removed_sql_comment_inside_a_hunk_is_no_header() -> None:
    diff = "@@ -1,2 +1,2 @@\n--- old comment\n+++ new\n context"
    assert only(make.file_diff("a.sql", diff=diff)).removed_lines == digests("-- old comment")


def test_a_bare_diff_without_hunks_is_read_too() -> None:
    file = only(make.file_diff("a", diff="--- a\n+++ b\n+new\n-old\n\\ No newline at end of file"))
    assert (file.added_lines, file.removed_lines) == (digests("new"), digests("old"))


def test_windows_line_ends_do_not_matter() -> None:
    assert only(make.file_diff("a", diff="@@ -0,0 +1,1 @@\n+x\r")).added_lines == digests("x")


def test_counts_come_from_the_event_else_from_the_diff() -> None:
    assert line_counts(make.file_diff("a", added=7, removed=3, diff=DIFF)) == (7, 3)
    assert line_counts(make.file_diff("a", diff=DIFF, lines_added=None, lines_removed=None)) == (2, 1)
    assert line_counts(make.event(Kind.FILE_CREATE, data={"path": "a", "content": "x\n\ny\n"})) == (3, 0)
    assert line_counts(make.event(Kind.FILE_CREATE, data={"path": "a", "content": ""})) == (0, 0)
    assert line_counts(make.event(Kind.FILE_DELETE, lines_removed=9)) == (0, 9)


def test_lines_the_arc_took_back_itself_are_not_its_lines() -> None:
    first = make.file_diff("a", diff="@@ -0,0 +1,2 @@\n+x\n+y")
    second = make.file_diff("a", diff="@@ -1,1 +1,1 @@\n-x\n+z")
    file = only(first, second)
    assert (file.added_lines, file.removed_lines) == (digests("y", "z"), frozenset())
    assert file.lines_added == 2


def test_a_line_that_comes_back_was_not_removed() -> None:
    file = only(make.file_diff("a", diff="@@ -1,1 +0,0 @@\n-x"), make.file_diff("a", diff="@@ -0,0 +1,1 @@\n+  x"))
    assert (file.added_lines, file.removed_lines) == (frozenset(), frozenset())


def test_lines_of_a_huge_file_are_bounded() -> None:
    diff = "@@ -0,0 +1,9000 @@\n" + "\n".join(f"+line {n}" for n in range(9000))
    file = only(make.file_diff("a", added=9000, diff=diff))
    assert len(file.added_lines) == edits.MAX_LINES
    assert file.lines_added == 9000


def test_digests_are_signed_64_bit_and_stable() -> None:
    assert line_digest(" x ") == line_digest("x") == 5395104992458594383
    assert all(-(2**63) <= line_digest(str(n)) < 2**63 for n in range(100))
    line_digest("\ud800 a lone surrogate")


def test_files_come_in_order_of_their_paths() -> None:
    found = file_edits((make.file_diff("b"), make.file_diff("./a"), make.file_diff("c\\d"), make.file_diff("b")))
    assert [(file.path, file.lines_added) for file in found] == [("a", 1), ("b", 2), ("c/d", 1)]


def test_created_and_deleted_are_net_effects() -> None:
    create = make.event(Kind.FILE_CREATE, path="a", data={"path": "a", "content": "x"})
    delete = make.event(Kind.FILE_DELETE, path="a")
    change = make.file_diff("a")
    assert (only(create).created, only(create).deleted) == (True, False)
    assert (only(delete).created, only(delete).deleted) == (False, True)
    assert (only(create, change, delete).created, only(create, change, delete).deleted) == (False, False)
    assert (only(change, delete).deleted, only(delete, create).created) == (True, False)
    assert only(create, delete, delete).deleted is False


def test_lines_of_a_file_that_is_gone_are_not_kept() -> None:
    create = make.event(Kind.FILE_CREATE, path="a", data={"path": "a", "content": "x"})
    assert only(create, make.event(Kind.FILE_DELETE, path="a")).added_lines == frozenset()


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("rm shop/old.py", "/srv/shop/old.py"),
        ("cd x && rm -f shop/old.py", "/srv/x/shop/old.py"),
        ("git rm shop/old.py", "/srv/shop/old.py"),
        ("git -C ../var rm shop/old.py", "/var/shop/old.py"),
    ],
)
def test_files_deleted_by_a_command(line: str, path: str) -> None:
    assert only(make.command(line)) == FileEdits("shop/old.py", 0, 0, deleted=True)
    change = make.file_diff("/home/ada/shop/old.py")
    assert only(change, make.command(line)).deleted
    assert only(make.command(line, data={"command": line, "cwd": "/srv"})).path == path


@pytest.mark.parametrize(
    "line",
    [
        "rm old.py",
        "rm -f ./old.py",
        "rm /home/ada/shop/old.py",
        "cd /tmp && rm /home/ada/shop/old.py",
        "cd .. && rm -rf shop",
        "bash -c 'rm old.py'",
        "unlink old.py || true",
        "git rm -q -- old.py",
    ],
)
@pytest.mark.parametrize("known_as", ["/home/ada/shop/old.py", "old.py"])
def test_a_file_that_the_arc_changed_is_found_wherever_the_command_ran(line: str, known_as: str) -> None:
    change = make.file_diff(known_as)
    gone = make.command(line, data={"command": line, "cwd": "/home/ada/shop"})
    assert only(change, gone).deleted


def test_a_file_of_the_same_name_in_another_folder_is_another() -> None:
    change = make.file_diff("/home/ada/shop/old.py")
    elsewhere = make.command("rm old.py", data={"command": "rm old.py", "cwd": "/home/ada/other"})
    assert [(file.path, file.deleted) for file in file_edits((change, elsewhere))] == [
        ("/home/ada/other/old.py", True),
        ("/home/ada/shop/old.py", False),
    ]


def test_a_project_may_lie_in_a_scratch_folder() -> None:
    inside = make.command("rm old.py", data={"command": "rm old.py ../notes.txt", "cwd": "/tmp/shop"})
    outside = make.command("rm", data={"command": "rm /tmp/shop/old.py", "cwd": "/home/ada"})
    assert [file.path for file in file_edits((inside,))] == ["/tmp/notes.txt", "/tmp/shop/old.py"]
    assert file_edits((outside,)) == ()


def test_windows_paths_are_seen_from_where_the_command_ran() -> None:
    change = make.file_diff("D:\\shop\\lib\\old.py")
    gone = make.command("rm", data={"command": "rm lib/old.py", "cwd": "D:\\shop"})
    assert only(change, gone) == FileEdits("D:/shop/lib/old.py", 1, 0, deleted=True)


@pytest.mark.parametrize("line", ["rm *.py", "rm -rf build", "rm $F", "rm /tmp/out.txt", "ls shop/old.py", "rm"])
def test_no_file_of_the_project_is_deleted(line: str) -> None:
    assert file_edits((make.command(line),)) == ()


def test_a_folder_that_is_deleted_takes_its_files_along() -> None:
    found = file_edits((make.file_diff("lib/a.py"), make.file_diff("lib.py"), make.command("rm -rf lib")))
    assert [(file.path, file.deleted) for file in found] == [("lib.py", False), ("lib/a.py", True)]


def test_a_command_that_failed_did_nothing() -> None:
    assert file_edits((make.command("rm a.py", exit_code=1), make.command("rm a.py", succeeded=False))) == ()


def test_restored_files_lose_the_lines_of_the_arc() -> None:
    change = make.file_diff("a.py", diff="@@ -0,0 +1,1 @@\n+x")
    for undo in (
        make.command("git checkout -- a.py"),
        make.command("git restore ."),
        make.event(Kind.GIT_ACTION, data={"action": "restore", "paths": ["a.py"]}),
        make.event(Kind.GIT_ACTION, data={"action": "checkout", "paths": ["./a.py"]}),
    ):
        file = only(change, undo)
        assert (file.restored, file.added_lines) == (True, frozenset())
    assert only(make.command("git checkout HEAD~1 -- a.py")).restored
    assert file_edits((make.event(Kind.GIT_ACTION, data={"action": "checkout", "ref": "main"}),)) == ()


def test_a_git_action_tells_better_than_the_command_it_belongs_to() -> None:
    command = make.command("git checkout a.py", call_id="c")
    action = make.event(Kind.GIT_ACTION, call_id="c", data={"action": "checkout", "paths": ["/srv/a.py"]})
    assert [file.path for file in file_edits((command, action))] == ["/srv/a.py"]


def test_an_edit_call_counts_where_nothing_tells_what_came_of_it() -> None:
    assert only(make.tool_use("Edit", path="a")) == FileEdits("a", 0, 0)
    assert only(make.tool_use("Write", input={"file_path": "a"})) == FileEdits("a", 0, 0)
    assert only(make.tool_use("Edit", path="a", call_id="c"), make.file_diff("a", call_id="c")).lines_added == 1
    failed = make.event(Kind.TOOL_RESULT, call_id="c", succeeded=False)
    assert file_edits((make.tool_use("Edit", path="a", call_id="c"), failed)) == ()
    assert file_edits((make.tool_use("Read", path="a"),)) == ()


def test_paths_an_event_names() -> None:
    assert paths_of(make.tool_use("Read", path="a//b")) == ("a/b",)
    assert paths_of(make.tool_use("Read", data={"files": ["a", 1, "b", "a"]})) == ("a", "b")
    assert paths_of(make.tool_use("Read", input={"file_path": "a", "path": "b"})) == ("a",)
    assert paths_of(make.tool_use("Read", data={"input": "text", "files": "a"})) == ()
    assert paths_of(make.prompt("see a.py")) == ()


def test_a_file_event_without_a_path_is_ignored() -> None:
    assert file_edits((make.event(Kind.FILE_DIFF, data={"diff": "+x"}),)) == ()


@given(st.lists(st.text(alphabet=st.sampled_from("+-@ \\,1a\n"), max_size=30), max_size=5))
def test_any_diff_can_be_read_and_no_line_is_both_added_and_removed(diffs: list[str]) -> None:
    for file in file_edits([make.file_diff("a", diff=diff) for diff in diffs]):
        assert not file.added_lines & file.removed_lines


@given(st.text())
def test_any_content_can_be_read(text: str) -> None:
    file_edits([replace(make.file_diff("a"), data={"diff": text}), make.command(text)])
