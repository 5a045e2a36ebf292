"""Patches as models write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ingest.edits import Change, Edit
from domain.ingest.patches import MOST_FILES, change_edits, files_of, patch_edits
from domain.values import JsonObject
from tests.domain.ingest.test_clean import ANY_JSON

PATCH = """*** Begin Patch
*** Add File: new.py
+x = 1
+
*** Update File: src/a.py
@@ class A
 before
-old
+new
+newer
@@
-same
+same
*** End of File
*** Update File: b.py
*** Move to: lib/b.py
@@
-1
+2
*** Delete File: /abs/c.py
*** End Patch
"""


def told(edits: tuple[Edit, ...]) -> list[tuple[str, Change, int, int]]:
    return [(one.path, one.change, one.lines_added, one.lines_removed) for one in edits]


def test_a_patch_without_end_is_no_flood_of_events() -> None:
    paths = [f"{n}.py" for n in range(MOST_FILES + 1)]
    patch = "*** Begin Patch\n" + "".join(f"*** Add File: {path}\n" for path in paths)
    changes: JsonObject = {path: {"type": "delete"} for path in paths}
    for edits in (patch_edits(patch, None), change_edits(changes, None)):
        assert [one.path for one in edits] == paths[:-1]


def test_each_file_of_a_patch_is_an_edit_and_a_move_is_two() -> None:
    assert told(patch_edits(PATCH, "/w")) == [
        ("/w/new.py", Change.CREATED, 2, 0),
        ("/w/src/a.py", Change.CHANGED, 2, 1),
        ("/w/b.py", Change.DELETED, 0, 0),
        ("/w/lib/b.py", Change.CREATED, 1, 1),
        ("/abs/c.py", Change.DELETED, 0, 0),
    ]
    assert files_of(PATCH) == ["new.py", "src/a.py", "b.py", "/abs/c.py"]


def test_diffs_are_unified() -> None:
    created, changed, *_ = patch_edits(PATCH, None)
    assert (created.diff, created.size_bytes) == ("@@ -0,0 +1,2 @@\n+x = 1\n+", 7)
    assert changed.diff == "@@ -1,2 +1,3 @@\n before\n-old\n+new\n+newer"


@pytest.mark.parametrize(
    "text",
    ["", "*** Begin Patch", "*** Update File: a", "@@\n-x\n+y", "*** Begin Patch\n*** Add File: \n*** End Patch"],
)
def test_half_a_patch_harms_nothing(text: str) -> None:
    assert all(one.lines_added == one.lines_removed == 0 for one in patch_edits(text, "/w"))


def test_reported_changes_tell_what_was_removed() -> None:
    edits = change_edits(
        {
            "/w/a": {"type": "update", "unified_diff": "@@ -1 +1 @@\n-a\n+b\n", "move_path": None},
            "/w/b": {"type": "update", "unified_diff": "", "move_path": "/w/c"},
            "/w/d": {"type": "delete", "content": "1\n2\n"},
            "/w/e": {"type": "add", "content": "1\n"},
            "/w/f": {"type": "unheard of"},
            "/w/g": "odd",
        },
        "/w",
    )
    assert told(edits) == [
        ("/w/a", Change.CHANGED, 1, 1),
        ("/w/b", Change.DELETED, 0, 0),
        ("/w/c", Change.CREATED, 0, 0),
        ("/w/d", Change.DELETED, 0, 2),
        ("/w/e", Change.CREATED, 1, 0),
    ]


LINES = st.sampled_from(PATCH.split("\n")) | st.text(max_size=20)


@given(st.lists(LINES, max_size=20), st.none() | st.just("/w"))
def test_no_patch_raises(lines: list[str], cwd: str | None) -> None:
    assert all(one.path for one in patch_edits("\n".join(lines), cwd))


@given(st.dictionaries(st.text(max_size=8), ANY_JSON, max_size=3))
def test_no_report_raises(changes: JsonObject) -> None:
    assert all(one.path for one in change_edits(changes, "/w"))
