"""What the documents show is GraphQL that the schema takes, within the limits, and answers without an error."""

import re
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import orjson
import pytest
from graphql import OperationDefinitionNode, is_abstract_type, parse, validate

from domain.access import KeyKind
from domain.values import JsonValue
from schema.limits import TooMuch, weigh
from schema.root import schema
from schema.shapes import shapes_of
from tests.hiring import create_assessment
from tests.history import bug_fix, derive, ended, recorded, store
from tests.make_alerts import make_threshold
from tests.schema.asking import Asker, make_asker
from tests.schema.graph import GRAPH

DOCS = Path(__file__).parents[2] / "docs"


def blocks(language: str) -> list[tuple[str, str]]:
    """The code blocks of all pages in that language: the page and the text."""
    found = re.compile(rf"^```{language}\n(.*?)^```", re.DOTALL | re.MULTILINE)
    return [(page.stem, block) for page in sorted(DOCS.glob("*.md")) for block in found.findall(page.read_text())]


def operations(code: str) -> list[str]:
    """The GraphQL texts within a program: from the keyword to the brace that closes its first one."""
    found: list[str] = []
    for start in re.finditer(r"\b(query|mutation|subscription)\b\s*\w*\s*(\([^)]*\))?\s*\{\s", code):
        depth = 0
        for at in range(start.end() - 2, len(code)):
            depth += {"{": 1, "}": -1}.get(code[at], 0)
            if depth == 0:
                found.append(code[start.start() : at + 1])
                break
    return found


SHOWN = blocks("graphql")
PROGRAMS = [
    (page, operation)
    for language in ("js", "jsx", "ts", "tsx", "python")
    for page, block in blocks(language)
    for operation in operations(block)
]


@pytest.mark.parametrize(("page", "document"), SHOWN + PROGRAMS, ids=lambda part: " ".join(part.split())[:40])
def test_every_example_is_valid_and_within_the_limits(page: str, document: str) -> None:
    parsed = parse(document)
    assert validate(GRAPH, parsed) == []
    for operation in parsed.definitions:
        if isinstance(operation, OperationDefinitionNode):
            assert weigh(shapes_of(schema.graphql_schema), parsed, operation, {}) > 0


def anchors(page: Path) -> set[str]:
    """Of the headings of a page, as forges make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [DOCS.parent / "README.md", *sorted(DOCS.glob("*.md"))], ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text()):
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


def test_what_is_too_much_costs_what_the_page_says() -> None:
    shown = re.findall(r"`(\{[^`]+})` would cost ([\d,]+)", (DOCS / "graphql.md").read_text())
    assert shown
    for document, cost in shown:
        parsed = parse(document)
        [operation] = parsed.definitions
        assert isinstance(operation, OperationDefinitionNode)
        with pytest.raises(TooMuch, match=f"cost of {cost.replace(',', '')} "):
            weigh(shapes_of(schema.graphql_schema), parsed, operation, {})


def test_programs_are_looked_into() -> None:
    assert {page for page, _ in PROGRAMS} >= {"graphql", "live"}
    code = 'x = gql("""query Q($n: Int) { a { b } }"""); y = "mutation { c }"; z = "a query of { your own"'
    assert operations(code) == ["query Q($n: Int) { a { b } }", "mutation { c }"]


PROMPTS: JsonValue = {"trends": {"series": [{"event": "prompt"}]}}


@pytest.fixture
async def variables(ada: Asker) -> Mapping[str, Mapping[str, JsonValue]]:
    """What each example that has variables is asked with, by the name of its operation."""
    one, next_day = recorded(*bug_fix(0), ended(8)), recorded(*bug_fix(24 * 60, "shop/tax.py"), ended(24 * 60 + 8))
    await store(ada.ctx, one, next_day)
    await derive(ada.ctx, one, next_day)
    other, arc = [node["id"] for node in (await ada.data("{ subSessions { nodes { id } } }"))["subSessions"]["nodes"]]
    threshold = await make_threshold(ada.ctx)
    event = {"rawId": str(uuid4()), "sessionId": "mine", "ts": "2026-11-22T09:00:00Z"}
    return {
        "Nodes": {"ids": [arc]},
        "Compared": {"session": one.id},
        "Invite": {"assessment": str(await create_assessment(ada.ctx.services.database.urls, ada.slug))},
        "Arc": {"id": arc},
        "Timeline": {"id": one.id},
        "Outline": {"id": one.id},
        "Find": {"search": "rounding"},
        "Parts": {"id": one.id},
        "HowItWent": {"id": one.id},
        "UpdateSession": {"input": {"id": one.id, "title": "Prices in one table", "endedAt": None}},
        "Rename": {"input": {"id": arc, "title": "Prices in one table"}},
        "Reset": {"input": {"id": arc}},
        "Appeal": {"input": {"id": arc, "goalComplete": True, "reason": "Shipped, and it holds."}},
        "Split": {"input": {"id": arc, "eventId": str(one.events[-2].id)}},
        "Merge": {"input": {"ids": [arc, other]}},
        "Show": {"input": {"version": "V2"}},
        "Ask": {"input": {"query": PROMPTS}},
        "Keep": {"input": {"name": "Prompts", "tags": ["team"], "query": PROMPTS}},
        "Behind": {"asked": PROMPTS, "point": {"trends": {"bucket": 6}}},
        "Bounds": {"input": {"insightId": str(threshold.insight_id), "name": "busy", "bounds": {"upper": 40}}},
        "Alert": {"input": {"thresholdId": str(threshold.id), "watch": {"trends": {"series": 0}}}},
        "Ingest": {"input": {"events": [{**event, "kind": "PROMPT", "data": {"text": "Fix the rounding"}}]}},
    }


@pytest.mark.parametrize(("page", "document"), SHOWN, ids=lambda part: " ".join(part.split())[:40])
async def test_every_example_is_answered(
    page: str, document: str, ada: Asker, variables: Mapping[str, Mapping[str, JsonValue]]
) -> None:
    operation = next(d for d in parse(document).definitions if isinstance(d, OperationDefinitionNode))
    if operation.operation.value == "subscription":
        pytest.skip("followed in the tests of the sockets")
    name = operation.name.value if operation.name else ""
    wish: dict[str, object] = {"Invite": {"kind": KeyKind.REVIEWER}, "Team": {"admin": True}}.get(name, {})
    asker = await make_asker(ada.ctx.services, ada.slug, **wish) if wish else ada
    answer = await asker.ask(document, **variables.get(name, {}))
    assert "errors" not in answer, answer
    payloads = [value for value in answer["data"].values() if isinstance(value, dict) and "userErrors" in value]
    assert all(payload["userErrors"] == [] for payload in payloads), answer


async def test_a_batch_is_answered_as_shown(ada: Asker) -> None:
    document = next(document for _, document in SHOWN if "ingestEvents" in document)
    given, answered = (orjson.loads(block) for _, block in blocks("json") if '"6f1c2b9e-' in block)
    assert (await ada.data(document, **given))["ingestEvents"] == answered


def test_the_cache_shown_for_apollo_knows_all_members_of_each_interface() -> None:
    [shown] = [block for page, block in blocks("js") if "possibleTypes" in block]
    lists = re.findall(r"(\w+): \[([^\]]*)\]", shown.partition("possibleTypes: {")[2].partition("typePolicies")[0])
    abstract = [each for each in GRAPH.type_map.values() if is_abstract_type(each)]
    assert {name: re.findall(r'"(\w+)"', names) for name, names in lists} == {
        each.name: sorted(member.name for member in GRAPH.get_possible_types(each)) for each in abstract
    }
