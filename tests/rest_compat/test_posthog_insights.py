"""PostHog's insights: each rule of the contract under its name, and what clients rely on besides."""

import json
from datetime import timedelta

import pytest

from tests.make import time
from tests.make_insights import made
from tests.rest_compat.house import BASE, House
from tests.rest_compat.posthog import FUNNEL, RETENTION, SQL, TRENDS, Project, drawn, project
from tests.rest_compat.test_posthog_sharing import guarded
from tests.sent import telling

NOW = time(8 * 60)


async def test_list_soft_deleted(house: House) -> None:
    mine = await project(house)
    await mine.made(name="kept")
    gone = await mine.made(name="gone")
    await mine.changed(gone["id"], deleted=True)
    assert await mine.listed() == ["kept"]
    assert (await mine.read())["count"] == 1
    assert await mine.listed(short_id=gone["short_id"]) == []


async def test_list_project(house: House, other_house: House) -> None:
    mine, theirs = await project(house), await project(other_house)
    await mine.made(name="mine")
    await theirs.made(name="theirs")
    assert await mine.listed() == ["mine"]
    assert (await mine.client.get(theirs.insights)).status_code == 404


async def test_list_pages(house: House) -> None:
    mine = await project(house)
    for number in range(5):
        await mine.made(name=str(number), saved=True)
    seen, url, counts = [], f"{BASE}{mine.insights}/?limit=2&saved=true&search=&basic=1", set[int]()
    while url is not None:
        assert url.startswith(f"{BASE}{mine.insights}/?")
        page = (await mine.client.get(url)).json()
        seen += [one["name"] for one in page["results"]]
        counts.add(page["count"])
        url, last = page["next"], page
    assert (seen, counts) == (["0", "1", "2", "3", "4"], {5})
    back = (await mine.client.get(last["previous"])).json()
    assert [one["name"] for one in back["results"]] == ["2", "3"]
    assert "saved=true" in back["next"]
    assert (await mine.read())["next"] is (await mine.read())["previous"] is None


async def test_list_order(house: House) -> None:
    mine = await project(house)
    for number in range(6):
        await mine.made(name=str(number), order=number % 2, favorited=number < 3)
    for order in ("order", "-order", "favorited", "-favorited", "last_modified_at", "-created_at"):
        pages = [await mine.listed(order=order, limit=2, offset=offset) for offset in (0, 2, 4)]
        assert sorted(name for page in pages for name in page) == list("012345"), order
    assert await mine.listed() == ["0", "2", "4", "1", "3", "5"]
    assert await mine.listed(order="-id") == list("543210")
    assert await mine.status("", order="-password") == 400


async def test_each_filter_of_a_list_is_heard(house: House) -> None:
    mine = await project(house)
    bob = await project(house, "bob@example.org")
    old = mine.at(NOW - timedelta(days=10))
    await old.made(name="old", query=SQL, tags=["Web"], saved=True)
    await mine.made(name="trends", query=TRENDS, favorited=True, description="numbers of it")
    await bob.made(name="bob", query=RETENTION)
    await mine.made(name="json", query={"kind": "HogQuery", "code": "1"})
    ada_number, bob_number = [(await p.made(deleted=True))["created_by"]["id"] for p in (mine, bob)]
    assert ada_number != bob_number
    asked: list[tuple[dict[str, object], list[str]]] = [
        ({"created_by": json.dumps([bob_number])}, ["bob"]),
        ({"created_by": json.dumps([bob_number, ada_number])}, ["old", "trends", "bob", "json"]),
        ({"created_date_from": "-3d"}, ["trends", "bob", "json"]),
        ({"created_date_to": "-3d"}, ["old"]),
        ({"date_from": "2026-03-01"}, ["trends", "bob", "json"]),
        ({"date_to": "2026-03-01T00:00:00Z"}, ["old"]),
        ({"last_viewed_date_from": "-1d"}, []),
        ({"last_viewed_date_to": "-1d"}, []),
        ({"dashboards": "[]"}, ["old", "trends", "bob", "json"]),
        ({"dashboards": "[7]"}, []),
        ({"favorited": "false"}, ["trends"]),
        ({"favorited": ""}, ["trends"]),
        ({"user": "0"}, ["old", "trends", "json"]),
        ({"insight": "SQL"}, ["old"]),
        ({"insight": "TRENDS"}, ["trends"]),
        ({"insight": "RETENTION"}, ["bob"]),
        ({"insight": "JSON"}, ["json"]),
        ({"insight": "PATHS"}, []),
        ({"saved": "true"}, ["old"]),
        ({"saved": "false"}, ["trends", "bob", "json"]),
        ({"search": "NUMBERS"}, ["trends"]),
        ({"search": "web"}, ["old"]),
        ({"tags": '["WEB", "x"]'}, ["old"]),
        ({"tags": "[]"}, []),
        ({"limit": "2", "offset": "1"}, ["trends", "bob"]),
        ({"saved": "false", "user": "", "insight": "TRENDS"}, ["trends"]),
    ]
    for params, expected in asked:
        found = await mine.listed(**params)
        assert found == expected, params


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("created_by", "[true]"), ("created_by", '["1"]'), ("created_by", "1"), ("dashboards", "{}"), ("tags", "[1]"),
        ("tags", "x"), ("search", "x" * 201), ("limit", "x"), ("offset", ""), ("date_from", "yesterday"),
        ("created_date_to", "9999999d"), ("saved", "maybe"), ("insight", "trends"), ("format", "xml"), ("order", "-"),
    ],
)  # fmt: skip
async def test_a_list_refuses_what_it_does_not_understand(house: House, name: str, value: str) -> None:
    mine = await project(house)
    answer = await mine.client.get(mine.insights, params={name: value})
    assert (answer.status_code, answer.json()["attr"]) == (400, name)


async def test_a_basic_list_leaves_results_out(house: House) -> None:
    mine = await project(house)
    await mine.made(query=TRENDS)
    [whole], [basic] = [(await mine.read(basic=basic, refresh="blocking"))["results"] for basic in ("false", "true")]
    assert whole["result"] is not None
    assert "result" not in basic
    assert basic.keys() < whole.keys()


async def test_create_defaults(house: House) -> None:
    one = await (await project(house)).made()
    expected = {
        "name": None, "derived_name": None, "description": "", "tags": [], "favorited": False, "deleted": False,
        "order": None, "saved": False, "query": None, "filters": {}, "dashboards": [], "dashboard_tiles": [],
        "result": None, "is_sample": False, "effective_restriction_level": 21, "effective_privilege_level": 37,
    }  # fmt: skip
    assert {name: one[name] for name in expected} == expected


async def test_create_ids(house: House) -> None:
    mine = await project(house)
    found = [await mine.made() for _ in range(3)]
    assert [one["id"] for one in found] == [1, 2, 3]
    assert all(len(one["short_id"]) == 8 and one["short_id"].isalnum() for one in found)
    assert len({one["short_id"] for one in found}) == 3


async def test_create_author(house: House) -> None:
    mine = await project(house)
    one = await mine.made(name="x")
    assert one["created_by"] == one["last_modified_by"]
    assert one["created_by"] == {
        "id": one["created_by"]["id"],
        "uuid": str(mine.user_id),
        "distinct_id": str(mine.user_id),
        "first_name": "ada",
        "last_name": "",
        "email": "ada@example.org",
        "is_email_verified": None,
    }


async def test_create_audit(house: House) -> None:
    mine = await project(house)
    one = await mine.made(name="Crushed", tags=["b", "a"], query=TRENDS)
    [entry] = (await mine.read("/activity"))["results"]
    assert (entry["activity"], entry["item_id"], entry["detail"]["short_id"]) == ("created", "1", one["short_id"])
    found = {
        change["field"]: (change["action"], change["before"], change["after"]) for change in entry["detail"]["changes"]
    }
    assert found["name"] == ("created", None, "Crushed")
    assert found["tags"] == ("created", None, ["a", "b"])
    assert found["query"] == ("created", None, drawn(TRENDS))


async def test_create_not_idempotent(house: House) -> None:
    mine = await project(house)
    first, second = await mine.made(name="same"), await mine.made(name="same")
    assert first["id"] != second["id"]
    assert await mine.listed() == ["same", "same"]


async def test_create_tags(house: House) -> None:
    one = await (await project(house)).made(tags=[" Web ", "web", "B", "", "a"])
    assert one["tags"] == ["a", "b", "web"]


async def test_create_folder(house: House) -> None:
    one = await (await project(house)).made(_create_in_folder="Ours/Weekly", unknown=1)
    assert not {"_create_in_folder", "folder", "unknown"} & one.keys()


@pytest.mark.parametrize("query", [TRENDS, FUNNEL, RETENTION, SQL, drawn(TRENDS), drawn(SQL)])
async def test_a_query_comes_back_as_it_was_but_wrapped(house: House, query: dict[str, object]) -> None:
    mine = await project(house)
    one = await mine.made(query=query)
    expected = query if "source" in query else drawn(query)
    for found in (one, await mine.read("/1"), await mine.changed(1, name="x")):
        assert json.dumps(found["query"]) == json.dumps(expected), "members keep their order, too"


async def test_filters_of_older_clients_are_kept_beside_no_query(house: House) -> None:
    mine = await project(house)
    old = {"events": [{"id": "$pageview"}], "insight": "TRENDS"}
    assert (await mine.made(filters=old))["filters"] == old
    assert (await mine.made(filters=old, query=TRENDS))["filters"] == {}


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({"name": "x" * 401}, "name"), ({"name": 1}, "name"), ({"tags": "a"}, "tags"), ({"tags": [1]}, "tags"),
        ({"deleted": "true"}, "deleted"), ({"order": 1.5}, "order"), ({"order": 2**31}, "order"),
        ({"dashboards": [1]}, "dashboards"), ({"query": []}, "query"), ({"query": {"kind": "X"}}, "query"),
        ({"query": {**TRENDS, "unknown_field": 1}}, "query"), ({"query": {**TRENDS, "samplingFactor": 0.1}}, "query"),
        ({"filters": None}, "filters"), ({"favorited": None}, "favorited"), ({"tags": ["x" * 256]}, "tags"),
    ],
)  # fmt: skip
async def test_a_body_that_does_not_fit_names_its_member(house: House, body: dict[str, object], attr: str) -> None:
    mine = await project(house)
    await mine.made()
    for answer in (
        await mine.client.post(mine.insights, json=body),
        await mine.client.patch(f"{mine.insights}/1", json=body),
    ):
        assert (answer.status_code, answer.json()["attr"], answer.json()["type"]) == (400, attr, "validation_error")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[]", b'{"order": NaN}'])
async def test_a_body_that_is_none_names_no_member(house: House, body: bytes) -> None:
    mine = await project(house)
    answer = await mine.client.post(mine.insights, content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["type"], answer.json()["attr"]) == (400, "validation_error", None)


async def test_whole_numbers_may_be_written_as_json_has_them(house: House) -> None:
    mine = await project(house)
    answer = await mine.client.post(
        mine.insights, content=b'{"order": 2.0}', headers={"content-type": "application/json"}
    )
    assert answer.json()["order"] == 2


async def test_retrieve_soft_deleted(house: House) -> None:
    mine = await project(house)
    one = await mine.made()
    await mine.changed(1, deleted=True)
    below = ("", "/activity", "/analyze", "/suggestions", "/sharing", "/thresholds")
    for path in (f"/{one['short_id']}", *(f"/1{end}" for end in below)):
        assert await mine.status(path) == 404, path


async def test_retrieve_project(house: House, other_house: House) -> None:
    mine, theirs = await project(house), await project(other_house)
    one = await theirs.made()
    for key in (one["id"], one["short_id"]):
        assert await mine.status(f"/{key}") == 404


async def test_retrieve_override(house: House) -> None:
    mine = await project(house)
    before = await mine.made(query=TRENDS)
    await mine.read("/1", filters_override='{"date_from": "-30d"}', refresh="blocking")
    after = await mine.read("/1")
    assert after["query"] == before["query"] == drawn(TRENDS)
    assert (await mine.read("/activity"))["total_count"] == 1
    for name in ("filters_override", "variables_override"):
        for wrong in ("{", "[]", "1", '{"no_such_thing": 1}'):
            assert await mine.status("/1", **{name: wrong}) == 400, (name, wrong)


async def test_one_is_found_by_number_and_by_short_id(house: House) -> None:
    mine = await project(house)
    one = await mine.made(name="x")
    for key in (1, one["short_id"]):
        assert (await mine.read(f"/{key}"))["id"] == 1
    assert (await mine.read(short_id=one["short_id"]))["results"][0]["id"] == 1
    for key in ("0", "2", "00000000", "-1", "1.0", "%00", "9" * 40, "x" * 300, "1%2F2", "%FF"):
        assert await mine.status(f"/{key}") == 404, key


async def test_looking_at_one_is_noted(house: House) -> None:
    mine = await project(house)
    assert (await mine.made())["last_viewed_at"] is None
    await mine.read()
    assert (await mine.read(basic=1))["results"][0]["last_viewed_at"] is None
    assert (await mine.read("/1"))["last_viewed_at"] == "2026-03-02T17:00:00Z"
    assert (await mine.read(last_viewed_date_from="-1h"))["count"] == 1


async def test_sql_tells_its_columns(house: House) -> None:
    mine = await project(house)
    await mine.counted([made("prompt"), made("commit"), made("prompt")])
    await mine.made(query=SQL)
    one = await mine.read("/1", refresh="blocking")
    assert one["result"] == [["commit", 1], ["prompt", 2]]
    assert one["columns"][0] == "event"
    assert len(one["types"]) == len(one["columns"]) == 2
    assert (one["hasMore"], "select" in one["hogql"].lower()) == (False, True)


async def test_update_partial(house: House) -> None:
    mine = await project(house)
    before = await mine.made(name="x", description="d", tags=["t"], order=4, query=TRENDS, favorited=True)
    after = await mine.changed(before["short_id"], name=None)
    same = before.keys() - {"name", "updated_at", "last_modified_at"}
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert after["name"] is None


async def test_update_soft_delete(house: House) -> None:
    mine = await project(house)
    await mine.made(name="x")
    assert (await mine.changed(1, deleted=True))["deleted"] is True
    assert await mine.status("/1") == 404
    assert (await mine.client.patch(f"{mine.insights}/1", json={"name": "y"})).status_code == 404
    assert (await mine.changed(1, deleted=True))["deleted"] is True, "asked for again, it is the same"
    restored = await mine.changed(1, deleted=False)
    assert (restored["deleted"], await mine.listed()) == (False, ["x"])


async def test_update_audit(house: House) -> None:
    mine = await project(house)
    await mine.made(name="old", tags=["a"])
    await mine.changed(1, name="new", tags=["b"], favorited=True, query=SQL)
    await mine.changed(1, query=None)
    latest, entry, _ = (await mine.read("/1/activity"))["results"]
    assert (entry["activity"], entry["user"]["email"]) == ("updated", "ada@example.org")
    found = {one["field"]: (one["action"], one["before"], one["after"]) for one in entry["detail"]["changes"]}
    assert found == {
        "name": ("changed", "old", "new"),
        "tags": ("changed", ["a"], ["b"]),
        "favorited": ("changed", False, True),
        "query": ("created", None, drawn(SQL)),
    }
    [gone] = latest["detail"]["changes"]
    assert (gone["field"], gone["action"], gone["after"]) == ("query", "deleted", None)


async def test_update_modified(house: House) -> None:
    mine = await project(house)
    await mine.made()
    bob, at = await project(house.at(NOW + timedelta(hours=1)), "bob@example.org"), "2026-03-02T17:00:00Z"
    for quiet in ({"favorited": True}, {"order": 1}, {"saved": True}, {"derived_name": "d"}):
        one = await bob.changed(1, **quiet)
        assert (one["last_modified_at"], one["last_modified_by"]["email"]) == (at, "ada@example.org"), quiet
        assert one["updated_at"] == "2026-03-02T18:00:00Z"
    for number, loud in enumerate(({"name": "n"}, {"description": "d"}, {"query": SQL}, {"tags": ["t"]})):
        later = bob.at(NOW + timedelta(hours=2 + number))
        one = await later.changed(1, **loud)
        assert (one["last_modified_at"], one["last_modified_by"]["email"]) != (at, "ada@example.org"), loud
        at = one["last_modified_at"]


async def test_update_replace_lists(house: House) -> None:
    mine = await project(house)
    await mine.made(tags=["a", "b"])
    one = await mine.changed(1, tags=["c"], dashboards=[])
    assert (one["tags"], one["dashboards"]) == (["c"], [])
    assert (await mine.changed(1, tags=[]))["tags"] == []


async def test_update_project(house: House, other_house: House) -> None:
    mine, theirs = await project(house), await project(other_house)
    await theirs.made(name="theirs")
    for body in ({"name": "mine"}, {"deleted": True}, {"deleted": False}):
        assert (await mine.client.patch(f"{mine.insights}/1", json=body)).status_code == 404
    assert await theirs.listed() == ["theirs"]


async def test_destroy_no_effect(house: House) -> None:
    mine = await project(house)
    await mine.made(name="x")
    for path in ("/1", "/1/", "/999", "/x"):
        answer = await mine.client.delete(f"{mine.insights}{path}")
        assert (answer.status_code, answer.content) == (405, b"")
    assert await mine.listed() == ["x"]


async def tagged(mine: Project, *ids: int, action: str, tags: list[str]) -> dict[str, object]:
    body = {"ids": ids, "action": action, "tags": tags}
    answer = await mine.client.post(f"{mine.insights}/bulk_update_tags", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_bulk_update_tags_add(house: House) -> None:
    mine = await project(house)
    await mine.made(tags=["old"])
    assert await tagged(mine, 1, action="add", tags=["new"]) == {
        "updated": [{"id": 1, "tags": ["new", "old"]}],
        "skipped": [],
    }


async def test_bulk_update_tags_remove(house: House) -> None:
    mine = await project(house)
    await mine.made(tags=["a", "b"])
    assert (await tagged(mine, 1, action="remove", tags=["a", "z"]))["updated"] == [{"id": 1, "tags": ["b"]}]


async def test_bulk_update_tags_set(house: House) -> None:
    mine = await project(house)
    await mine.made(tags=["a", "b"])
    assert (await tagged(mine, 1, action="set", tags=["c"]))["updated"] == [{"id": 1, "tags": ["c"]}]
    assert (await tagged(mine, 1, action="set", tags=[]))["updated"] == [{"id": 1, "tags": []}]


async def test_bulk_update_tags_partial(house: House, other_house: House) -> None:
    mine, theirs = await project(house), await project(other_house)
    for _ in range(3):
        await theirs.made()
    await mine.made()
    found = await tagged(mine, 3, 1, 2**62, action="add", tags=["t"])
    assert found["updated"] == [{"id": 1, "tags": ["t"]}]
    assert found["skipped"] == [{"id": id, "reason": "Not found"} for id in (3, 2**62)]


async def test_bulk_update_tags_normal(house: House) -> None:
    mine = await project(house)
    await mine.made(tags=["m"])
    found = await tagged(mine, 1, action="add", tags=[" Z ", "z", "A"])
    assert found["updated"] == [{"id": 1, "tags": ["a", "m", "z"]}]


async def test_bulk_update_tags_idempotent(house: House) -> None:
    mine = await project(house)
    await mine.made()
    first, second = [await tagged(mine, 1, 1, action="add", tags=["t"]) for _ in range(2)]
    assert first == second
    assert (await mine.read("/activity"))["total_count"] == 2


async def test_bulk_update_tags_scope(house: House) -> None:
    mine = await project(house, scopes=("insight:read",))
    answer = await mine.client.post(f"{mine.insights}/bulk_update_tags", json={"ids": [1], "action": "set", "tags": []})
    assert (answer.status_code, answer.json()["detail"]) == (403, "this key lacks the scope insight:write")


@pytest.mark.parametrize(
    "body",
    [
        {"ids": [], "action": "set", "tags": []}, {"ids": [1] * 501, "action": "set", "tags": []},
        {"ids": [1], "action": "add", "tags": []}, {"ids": [1], "action": "remove", "tags": [" "]},
        {"ids": ["1"], "action": "set", "tags": []}, {"ids": [True], "action": "set", "tags": []},
        {"ids": [2**70], "action": "set", "tags": []}, {"ids": [1], "action": "set"},
        {"ids": [1], "action": "set", "tags": [1]},
    ],
)  # fmt: skip
async def test_what_cannot_be_done_to_tags_is_refused(house: House, body: dict[str, object]) -> None:
    mine = await project(house)
    answer = await mine.client.post(f"{mine.insights}/bulk_update_tags", json=body)
    assert answer.status_code == 400


async def test_all_activity_route_order(house: House) -> None:
    mine = await project(house)
    await mine.made()
    assert "total_count" in await mine.read("/activity/")
    for literal in ("bulk_update_tags", "generate_metadata"):
        answer = await mine.client.get(f"{mine.insights}/{literal}")
        assert (answer.status_code, answer.headers["allow"]) == (405, "OPTIONS, POST")


async def test_a_list_takes_few_statements_however_long_it_is(house: House) -> None:
    mine = await project(house)
    counts = [await statements(mine) for _ in range(2)]
    assert counts[0] == counts[1] <= 8


async def statements(mine: Project) -> int:
    """How many a list takes that is four insights longer than before."""
    for _ in range(4):
        await guarded(mine, (await mine.made(query=TRENDS, tags=["t"]))["id"])
    sent: list[str] = []
    with telling(lambda _driver, sql, _values: sent.append(sql)):
        await mine.read(refresh="force_cache")
    return len([sql for sql in sent if sql.lstrip().startswith(("SELECT", "WITH"))])
