"""`goalarc documents`: from a build's output to what the server trusts, and back."""

from collections.abc import Iterator
from hashlib import md5, sha256
from pathlib import Path

import orjson
import pytest

from persistence.embedded import ensure_running
from tests.server.goalarc import Goalarc

WHO = "query Who { viewer { email } }"
ANONYMOUS = "{ viewer { email } }"


@pytest.fixture(scope="module")
def goalarc(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Goalarc]:
    goalarc = Goalarc.copied(migrated, tmp_path_factory.mktemp("documents") / "data")
    with ensure_running(goalarc.data_dir, {"fsync": "off"}):
        yield goalarc


def hashes(goalarc: Goalarc) -> set[str]:
    listed: list[dict[str, str]] = orjson.loads(goalarc.typed("documents", "list", "--json"))
    return {row["sha256"] for row in listed}


def test_a_document_from_its_adding_to_its_end(goalarc: Goalarc, tmp_path: Path) -> None:
    relay, own = md5(WHO.encode()).hexdigest(), sha256(WHO.encode()).hexdigest()
    (tmp_path / "persisted.json").write_bytes(orjson.dumps({relay: WHO}, option=orjson.OPT_INDENT_2))
    (tmp_path / "anonymous.graphql").write_text(ANONYMOUS)
    assert goalarc.typed_json("documents", "add", str(tmp_path / "persisted.json"), str(tmp_path)) == {
        "added": [
            {"sha256": own, "ids": [relay], "operations": ["Who"]},
            {"sha256": sha256(ANONYMOUS.encode()).hexdigest(), "ids": [], "operations": [None]},
        ],
        "known": 0,
        "ignored": 0,
        "errors": [],
    }
    again = goalarc.typed("documents", "add", str(tmp_path / "persisted.json"))
    assert again == b"0 added, 1 known already\n"
    [row] = [row for row in orjson.loads(goalarc.typed("documents", "list", "--json")) if row["sha256"] == own]
    assert (row["ids"], row["operations"], row["text"]) == ([relay], ["Who"], WHO)
    listed = goalarc.typed("documents", "list").decode()
    assert f"Who  also as {relay}\n" in listed
    assert "(without a name)\n" in listed
    goalarc.typed("documents", "remove", relay)
    assert own not in hashes(goalarc)


def test_what_the_schema_cannot_answer_is_told_and_ends_with_3(goalarc: Goalarc, tmp_path: Path) -> None:
    good, bad = "query Good { viewer { email } }", "query Bad {\n  viewer { nothing }\n}"
    (tmp_path / "manifest.json").write_bytes(orjson.dumps({"good": good, "bad": bad}, option=orjson.OPT_INDENT_2))
    (tmp_path / "bad.graphql").write_text(bad)
    (tmp_path / "ruby.graphql").write_bytes(b"query \xff")
    files = [str(tmp_path / name) for name in ("manifest.json", "bad.graphql", "ruby.graphql", "gone.json")]
    told = goalarc.typed("documents", "add", *files, code=3).decode().splitlines()
    assert told[0] == "1 added, 0 known already"
    assert {line.strip().removeprefix(f"{tmp_path}/") for line in told[1:]} == {
        "manifest.json:3: bad, line 2: Cannot query field 'nothing' on type 'Viewer'.",
        "bad.graphql:2: Cannot query field 'nothing' on type 'Viewer'.",
        "ruby.graphql: is not UTF-8",
        "gone.json: there is no such file or folder",
    }
    assert sha256(good.encode()).hexdigest() in hashes(goalarc)
    errors = goalarc.typed_json("documents", "add", files[1], code=3)["errors"]
    reason = "Cannot query field 'nothing' on type 'Viewer'."
    assert errors == [{"file": files[1], "line": 2, "reason": reason}]


def test_a_file_whose_name_is_no_text_is_told(goalarc: Goalarc, tmp_path: Path) -> None:
    (tmp_path / "caf\udce9.graphql").write_text("query")
    summary = goalarc.typed_json("documents", "add", str(tmp_path), code=3)
    assert "caf\ufffd.graphql" in str(summary["errors"])


def test_removing_what_is_not_there_is_told_in_one_line(goalarc: Goalarc) -> None:
    goalarc.log.unlink(missing_ok=True)
    goalarc.typed("documents", "remove", "sha256:gone", code=2)
    goalarc.typed("documents", "remove", "\udcff", code=2)
    assert goalarc.log.read_text().splitlines() == [
        "goalarc: no trusted document gone",
        "goalarc: '\\udcff' is no id of a document",
    ]
