"""The wire bodies of reports: they fit the contract, hold finite numbers, and say what the score says."""

import json
import math
from collections.abc import Iterator
from dataclasses import replace

import orjson
import pytest

from domain.languages import Language, phrases
from domain.reports import prism_v3, prism_v21, story, writer
from domain.reports.facts import Facts
from domain.reports.records import ReportKind
from domain.values import JsonObject, JsonValue
from tests.make_facts import composite, lost, make_facts, won
from tests.rest_compat.contract import ABSENT, Endpoint, document

BY_RULE: JsonObject = {"writer": "built-in", "model": None, "fallbackReason": None}
BUILDERS = {ReportKind.V3: prism_v3.payload, ReportKind.V21: prism_v21.payload}
ENDPOINTS = {
    ReportKind.V3: "prism_score_v3.report.get",
    ReportKind.V21: "prism_insights.report.get",
}
ROW = {"id": "r-1", "scope": "personal", "createdAt": "2026-03-09T09:00:00.000Z"}


def payload(facts: Facts, language: Language = Language.EN) -> JsonObject:
    say = phrases(language, facts.period.zone)
    prose = story.prose(facts, say)
    return BUILDERS[facts.version](facts, prose, writer.document(facts, prose, say), say, BY_RULE)


def usual(version: ReportKind) -> Facts:
    arcs = [*(won(n) for n in range(4)), lost(50, "objection", quote="it broke"), lost(60, "interrupted")]
    composites = tuple(composite() for _ in range(8)) if version is ReportKind.V21 else ()
    prompts = ["fix it"] * 6
    return make_facts(*arcs, before=[won(0)], version=version, prompts=prompts, composites=composites)


def nothing(version: ReportKind) -> Facts:
    return make_facts(version=version)


def one(version: ReportKind) -> Facts:
    bare = composite(skill=None, skill_tier=None, sse=None, rubric=None, prism=None)
    series = (bare,) * 8 if version is ReportKind.V21 else ()
    return make_facts(won(1, "</script>{x}\ud800" + "y" * 90_000), version=version, composites=series)


CASES = [(version, case) for version in BUILDERS for case in (usual, nothing, one)]


@pytest.mark.parametrize(("version", "case"), CASES)
def test_reports_fit_the_contract(version: ReportKind, case: "type[Facts]") -> None:
    whole = document()
    if whole is None:
        pytest.skip(ABSENT)
    spec = next(spec for spec in whole["endpoints"] if spec["id"] == ENDPOINTS[version])
    Endpoint(spec["id"], spec, whole).check(200, {**ROW, **payload(case(version))})


def leaves(value: JsonValue) -> Iterator[object]:
    if isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    else:
        yield value


@pytest.mark.parametrize(("version", "case"), CASES)
def test_reports_are_plain_json_with_finite_numbers(version: ReportKind, case: "type[Facts]") -> None:
    body = payload(case(version))
    assert all(math.isfinite(leaf) for leaf in leaves(body) if isinstance(leaf, float))
    assert len(json.dumps(body, allow_nan=False).encode()) < 60_000
    assert orjson.dumps(payload(case(version)))  # takes no names but plain texts, as the faces write them


def test_v3_says_what_the_score_says() -> None:
    facts = usual(ReportKind.V3)
    body, board = payload(facts), facts.board
    assert body["headline"]["prism_score"] == float(board.headline.prism_score)
    assert body["headline"]["previous"]["prism_score"] == 100.0
    assert body["speed"]["cspw"] == float(board.speed.cspw)
    assert body["tokens"]["median_tokens_per_crush"] == 40_000
    assert body["skill"]["worst_pillar"] == board.skill.worst_pillar
    assert [one["reason_code"] for one in body["misses"]] == ["objection", "interrupted"]
    assert body["misses"][0]["evidence"][0]["quote"] == "it broke"
    assert body["habits"][0]["habit"] == board.skill.worst_pillar
    assert "skillSnapshot" not in body


def test_v21_says_what_the_composite_says() -> None:
    body = payload(usual(ReportKind.V21))
    assert body["skillSnapshot"]["skill"] == 61.0
    assert len(body["skillTrend"]) == 8
    assert body["metricSparklines"]["RLR"]["value"] == [0.05] * 8
    assert body["pesRubricSnapshot"] == {"clAvg": 6.0, "idAvg": 5.5, "teAvg": 7.0, "acAvg": 6.5}
    assert body["prismProfile"]["compositeScore"] == 6.5
    assert body["prismProfile"]["coaching"][0]["exampleBefore"] == "fix it"
    assert body["howYouUseCc"]["stats"]["firstTryRate"] == 0.8
    assert "headline" not in body


@pytest.mark.parametrize("version", list(BUILDERS))
def test_costs_of_what_was_missed_are_called_wasted(version: ReportKind) -> None:
    costs = payload(usual(version))["costOptimization"]
    assert (costs["totalCostUsd"], costs["wastedCostUsd"], costs["wasteRatio"]) == (3.0, 1.0, 0.3333)
    assert [one["wastedCostUsd"] for one in costs["wasteActions"]] == [0.25, 0.25]


def test_a_report_without_composite_has_no_snapshot() -> None:
    body = payload(replace(usual(ReportKind.V21), composites=()))
    assert body["skillSnapshot"] is None
    assert body["prismProfile"]["dimensions"] == []


def test_the_language_is_told_and_field_names_stay() -> None:
    german, english = payload(usual(ReportKind.V3), Language.DE), payload(usual(ReportKind.V3))
    assert (german["language"], english["language"]) == ("de", "en")
    assert german.keys() == english.keys()
    assert german["headline"] == english["headline"]
