"""Saved insights: what PostHog's clients read is what the graph shows to the same key."""

import pytest

from domain.values import JsonValue
from tests.make_insights import made
from tests.rest_compat.house import House
from tests.rest_compat.posthog import FUNNEL, RETENTION, SQL, TRENDS, Project, project
from tests.test_faces_agree import Faces, faces, house, ms

__all__ = ["house"]

INSIGHT = """rawId shortId name derivedName description type tags favorited saved createdAt updatedAt lastModifiedAt
  createdBy { email } lastModifiedBy { email }"""
RESULT = """outcome(refresh: BLOCKING) { result {
  ... on TrendsResult { resolved { from to timeZone } lines { label count values labels days } }
  ... on FunnelResult { groups { steps { step name count averageConversionSeconds medianConversionSeconds } } }
  ... on RetentionResult { periodLabels cohorts { day label count returnedCounts } }
  ... on SqlResult { statement columns { name type } rows { cells { text number truth } } } } }"""


@pytest.fixture
async def mine(house: House) -> Project:
    """A project in which something happened, asked by who is not the author of everything."""
    here, bob = await project(house), await project(house, "bob@example.org")
    await here.counted([made("prompt", 0), made("arc_crushed", 1), made("prompt", -60 * 24 * 3, "eve")])
    await here.made(name="Trends", query=TRENDS, tags=["web"], saved=True)
    await bob.made(name="Funnel", query=FUNNEL, favorited=True)
    await here.made(query=RETENTION, derived_name="Retention")
    await bob.made(name="SQL", query=SQL)
    await bob.changed(1, name="Goals", tags=["web", "all"])
    return here


@pytest.fixture
def both(house: House, mine: Project) -> Faces:
    return faces(house.services, mine.key.secret)


def told(row: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """As the REST face has it."""
    times = {"created_at": "createdAt", "updated_at": "updatedAt", "last_modified_at": "lastModifiedAt"}
    return {
        "id": int(row["rawId"]),
        "short_id": row["shortId"],
        "name": row["name"],
        "derived_name": row["derivedName"],
        "description": row["description"],
        "tags": row["tags"],
        "favorited": row["favorited"],
        "saved": row["saved"],
        "created_by": row["createdBy"]["email"],
        "last_modified_by": row["lastModifiedBy"]["email"],
        **{name: ms(row[field]) for name, field in times.items()},
    }


def read(row: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The same members of an answer."""
    users = {name: row[name]["email"] for name in ("created_by", "last_modified_by")}
    times = {name: ms(row[name]) for name in ("created_at", "updated_at", "last_modified_at")}
    names = ("id", "short_id", "name", "derived_name", "description", "tags", "favorited", "saved")
    return {**{name: row[name] for name in names}, **users, **times}


async def test_lists(both: Faces, mine: Project) -> None:
    graph = await both.graph(
        f"{{ insights(sort: {{by: ID, direction: ASC}}, first: 10) {{ totalCount nodes {{ {INSIGHT} }} }} }}"
    )
    rest = await both.rest("GET", mine.insights, order="id")
    assert graph["insights"]["totalCount"] == rest["count"] == 4
    assert [told(row) for row in graph["insights"]["nodes"]] == [read(row) for row in rest["results"]]


async def results(both: Faces, mine: Project) -> list[tuple[dict[str, JsonValue], dict[str, JsonValue]]]:
    """What each insight comes to, as both faces have it."""
    graph = await both.graph(f"{{ insights(sort: {{by: ID, direction: ASC}}) {{ nodes {{ {RESULT} }} }} }}")
    rest = await both.rest("GET", mine.insights, order="id", refresh="blocking")
    found = [row["outcome"]["result"] for row in graph["insights"]["nodes"]]
    return list(zip(found, rest["results"], strict=True))


async def test_results(both: Faces, mine: Project) -> None:
    [(trends, trends_read), (funnel, funnel_read), (kept, kept_read), (sql, sql_read)] = await results(both, mine)
    lines = [(one["label"], one["count"], one["data"], one["labels"], one["days"]) for one in trends_read["result"]]
    shown = [(one["label"], one["count"], one["values"], one["labels"], one["days"]) for one in trends["lines"]]
    assert lines == shown
    assert sum(trends["lines"][0]["values"]) == 1
    span = trends_read["resolved_date_range"]
    assert [ms(at) for at in span.values()] == [trends["resolved"][name] for name in ("from", "to")]
    [group] = funnel["groups"]
    steps = [(one["name"], one["count"], one["average_conversion_time"]) for one in funnel_read["result"]]
    assert steps == [(one["name"], one["count"], one["averageConversionSeconds"]) for one in group["steps"]]
    assert funnel_read["result"][0]["count"] == 2
    for cohort, read_cohort in zip(kept["cohorts"], kept_read["result"], strict=True):
        counts = [value["count"] for value in read_cohort["values"]]
        assert (read_cohort["date"], counts) == (cohort["day"], [cohort["count"], *cohort["returnedCounts"][1:]])
    assert sql_read["hogql"] == sql["statement"]
    assert sql_read["types"] == [[one["name"], one["type"]] for one in sql["columns"]]
    cells = [[_cell(one) for one in row["cells"]] for row in sql["rows"]]
    assert sql_read["result"] == cells == [["arc_crushed", 1], ["prompt", 2]]


def _cell(cell: dict[str, JsonValue]) -> JsonValue:
    return cell["text"] if cell["number"] is None else cell["number"]


async def test_activity(both: Faces, mine: Project) -> None:
    asked = "{ insightActivity(first: 10) { totalCount nodes { rawId kind name shortId at developer { email }"
    graph = await both.graph(f"{asked} changes {{ field action before after }} }} }} }}")
    rest = await both.rest("GET", f"{mine.insights}/activity")
    assert graph["insightActivity"]["totalCount"] == rest["total_count"] == 5
    for one, entry in zip(graph["insightActivity"]["nodes"], rest["results"], strict=True):
        assert (one["rawId"], one["developer"]["email"]) == (entry["id"], entry["user"]["email"])
        assert (one["kind"], one["name"], one["shortId"]) == (
            entry["activity"].upper(), entry["detail"]["name"], entry["detail"]["short_id"]
        )  # fmt: skip
        changes = [(each["field"], each["before"], each["after"]) for each in entry["detail"]["changes"]]
        assert [(each["field"], each["before"], each["after"]) for each in one["changes"]] == changes


async def test_sharing(both: Faces, mine: Project) -> None:
    await both.rest("PATCH", f"{mine.insights}/1/sharing", {"enabled": True, "password_required": True})
    await both.rest("POST", f"{mine.insights}/1/sharing/passwords", {"note": "board"})
    rest = await both.rest("GET", f"{mine.insights}/1/sharing")
    asked = "sharing { enabled accessToken passwordNeeded passwords { rawId note createdBy { email } } }"
    graph = await both.graph(f"{{ insights(sort: {{by: ID, direction: ASC}}, first: 1) {{ nodes {{ {asked} }} }} }}")
    [sharing] = [one["sharing"] for one in graph["insights"]["nodes"]]
    assert (sharing["enabled"], sharing["accessToken"], sharing["passwordNeeded"]) == (
        rest["enabled"], rest["access_token"], rest["password_required"]
    )  # fmt: skip
    passwords = [(one["id"], one["note"], one["created_by_email"]) for one in rest["share_passwords"]]
    assert [(one["rawId"], one["note"], one["createdBy"]["email"]) for one in sharing["passwords"]] == passwords
