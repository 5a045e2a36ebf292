import pytest

from domain.ingest.claude_edits import edit_of
from domain.ingest.edits import DIFF_CHARS, Change, Edit, lines_of
from domain.values import JsonObject

PATCH: JsonObject = {
    "filePath": "/home/dev/app/a.py",
    "structuredPatch": [
        {"oldStart": 1, "oldLines": 2, "newStart": 1, "newLines": 3, "lines": [" a", "-b", "+c", "+d"]},
        {"oldStart": 9, "oldLines": 1, "newStart": 10, "newLines": 0, "lines": ["-z", "\\ No newline at end of file"]},
    ],
    "userModified": False,
}


def edit(arguments: JsonObject, outcome: "JsonObject | None" = None, answer: str = "") -> Edit:
    found = edit_of(arguments, outcome or {}, answer)
    assert found is not None
    return found


def test_a_structured_patch_becomes_a_unified_diff() -> None:
    found = edit({}, PATCH)
    assert found.diff.splitlines() == [
        "@@ -1,2 +1,3 @@",
        " a",
        "-b",
        "+c",
        "+d",
        "@@ -9,1 +10,0 @@",
        "-z",
        "\\ No newline at end of file",
    ]
    assert (found.path, found.lines_added, found.lines_removed) == ("/home/dev/app/a.py", 2, 2)
    assert found.change is Change.CHANGED
    assert not found.truncated


def test_without_a_patch_the_arguments_are_compared() -> None:
    found = edit({"file_path": "a.py", "old_string": "a\nb\nc", "new_string": "a\nB\nc\nd"})
    assert (found.lines_added, found.lines_removed) == (2, 1)
    assert {"-b", "+B", "+d", " a"} <= set(found.diff.splitlines())


def test_several_edits_of_one_call_add_up() -> None:
    edits: JsonObject = {
        "file_path": "a.py",
        "edits": [{"old_string": "a", "new_string": "b"}, {"old_string": "", "new_string": "c\nd\n"}],
    }
    found = edit(edits)
    assert (found.lines_added, found.lines_removed) == (3, 1)


def test_a_new_file_is_all_added() -> None:
    found = edit({}, {"type": "create", "filePath": "/n.py", "content": "é\nb\n", "structuredPatch": []})
    assert found.change is Change.CREATED
    assert (found.lines_added, found.lines_removed, found.size_bytes) == (2, 0, 5)
    assert found.diff == "@@ -0,0 +1,2 @@\n+é\n+b"


def test_old_versions_tell_in_words_that_a_file_is_new() -> None:
    arguments: JsonObject = {"file_path": "/n.py", "content": "a"}
    assert edit(arguments, answer="File created successfully at: /n.py").change is Change.CREATED
    assert edit(arguments, answer="The file /n.py has been updated.").change is Change.CHANGED


def test_a_file_written_again_counts_what_changed() -> None:
    found = edit({}, PATCH | {"type": "update", "content": "whatever"})
    assert found.change is Change.CHANGED
    assert (found.lines_added, found.lines_removed) == (2, 2)


def test_an_empty_new_file_has_no_lines() -> None:
    found = edit({}, {"type": "create", "filePath": "/n", "content": ""})
    assert (found.change, found.lines_added, found.diff) == (Change.CREATED, 0, "")


def test_a_notebook_cell_counts_its_new_lines() -> None:
    assert edit({"notebook_path": "/n.ipynb", "new_source": "a\nb"}).lines_added == 2
    deleted = edit({"notebook_path": "/n.ipynb", "new_source": "", "edit_mode": "delete"})
    assert (deleted.lines_added, deleted.diff) == (0, "")


def test_a_hand_that_changed_the_edit_is_told() -> None:
    assert edit({}, PATCH | {"userModified": True}).revised_by_human


def test_a_long_diff_is_cut_at_a_line_end_and_counted_whole() -> None:
    lines = [f"+{'x' * 99}" for _ in range(5000)]
    found = edit({}, {"filePath": "a", "structuredPatch": [{"lines": [*lines]}]})
    assert found.truncated
    assert found.lines_added == 5000
    assert len(found.diff) <= DIFF_CHARS
    assert found.diff.endswith("x" * 99)


def test_texts_of_many_lines_are_taken_as_replaced() -> None:
    old, new = "\n".join(map(str, range(1000))), "\n".join(map(str, range(1, 1001)))
    found = edit({"file_path": "a", "old_string": old, "new_string": new})
    assert (found.lines_added, found.lines_removed) == (1000, 1000)


def test_without_a_file_there_is_no_edit() -> None:
    assert edit_of({"pattern": "x", "path": "/home/dev"}, {}, "") is None


@pytest.mark.parametrize("hunks", [[], [None, 3, {}], [{"lines": "abc"}], [{"oldStart": "x", "lines": [1, None]}]])
def test_odd_patches_count_nothing(hunks: list[object]) -> None:
    found = edit({}, {"filePath": "a", "structuredPatch": hunks})  # pyright: ignore[reportArgumentType]
    assert (found.lines_added, found.lines_removed) == (0, 0)


@pytest.mark.parametrize(("text", "count"), [("", 0), ("a", 1), ("a\n", 1), ("a\nb", 2), ("\n", 1), ("a\n\n", 2)])
def test_lines_are_counted_as_a_file_has_them(text: str, count: int) -> None:
    assert len(lines_of(text)) == count
