"""docs/scoring.md is right: its worked example is what the score says of the sample, its tables are the rules."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import cast

import orjson
import pytest
from graphql import GraphQLNamedType, GraphQLObjectType, get_named_type

import persistence.transcripts
from domain.judging.filters import SubSessionFilter
from domain.judging.habits import BANDS
from domain.judging.records import Habit, SubSession
from domain.scores.board import Board
from domain.scores.headline import Headline, Tally, headline, wilson
from domain.scores.integrity import Integrity
from domain.scores.rounding import rounded
from domain.scores.skill import Skill
from domain.scores.speed import Speed
from domain.scores.summary import Summary
from domain.scores.tokens import TokensPillar
from domain.scores.trivia import Trivia
from domain.scores.windows import WindowKind, window_containing, zone_named
from domain.timeline import Tokens
from domain.values import Window
from resolvers.context import Services
from resolvers.derivation import derive_now
from resolvers.judging import list_sub_sessions
from resolvers.pillars import get_board
from resolvers.transcripts import import_transcripts
from server.sample import write_sample
from tests.history import judging
from tests.make_context import make_context
from tests.schema.graph import GRAPH
from tests.server.scoring_page import NUMBER, PAGE, Row, edges, miscalculated, named, section, tables, text

OPENAPI = Path(__file__).parents[2] / "rest_compat" / "openapi.json"
FRIDAY = datetime(2026, 11, 27, 17, 30, tzinfo=UTC)
AREAS = {
    "headline": Headline,
    "speed": Speed,
    "tokens": TokensPillar,
    "skill": Skill,
    "verdicts": Summary,
    "integrity": Integrity,
    "trivia": Trivia,
}
"""What a board holds, by the name of GraphQL; there the headline stands at the top."""
RENAMED = {
    "workingDays": "workingDayCount",
    "cpcsEstimate": "medianCostPerCrushUsd",
    "verdicts.letterGrade": "verdicts.averageLetterGrade",
    "total": "totalCount",
}
OF_SKILL = {("verdicts", name) for name in ("apg", "habits", "pillars")}
"""What GraphQL does not repeat."""
ELSEWHERE = {
    "window",
    *("speed.crushedCount", "tokens.crushedCount", "tokens.totalCount", "tokens.crushWeight"),  # as in the headline
    *("verdicts.gradedCount", "verdicts.totalCount"),  # counts of a column
    *("verdicts.byIntent", "verdicts.byGrade", "verdicts.byJudgeStatus"),
    *("tokens.breakdown", "tokens.turnCount", "skill.habits", "tokens.lowerBoundCount"),  # in other tables, and nothing
}
"""Figures without a row of their own in the example."""


@dataclass(frozen=True, slots=True)
class Week:
    """The sample as it is scored: the board of its week, and the arcs of that, oldest first."""

    board: Board
    arcs: list[SubSession]


@pytest.fixture(scope="module")
async def week(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Week:
    ctx = await make_context(judging(services, FRIDAY))
    found = persistence.transcripts.find([write_sample(tmp_path_factory.mktemp("sample"), FRIDAY)])
    summary = await import_transcripts(ctx.services, ctx.caller, found, lambda size: None)
    for id in sorted(summary.sessions):
        await derive_now(ctx.services, ctx.caller.org_id, id)
    board = await get_board(ctx, WindowKind.WEEKLY)
    page = await list_sub_sessions(ctx, SubSessionFilter(board.window.span), Window(50))
    return Week(board, list(reversed(page.items)))


EXAMPLE = section("A week worked out")


def wrong(example: str, true: Sequence[Sequence[Row]]) -> list[str]:
    """What the tables of an example say that is not so."""
    arcs, counts, before, figures, habits = tables(example)
    told = (arcs, counts, before, [(row[0], row[2]) for row in figures], habits)
    known = [*(row[4] for row in arcs), *(" ".join(row[1:]) for row in (*counts, *before))]
    known += [*(row[2] for row in figures), *(" ".join(row[-2:]) for row in habits), "100"]
    numbers = {number.replace(",", "") for text in known for number in NUMBER.findall(text)}
    faults = [fault for rows, right in zip(told, true, strict=True) for fault in differing(rows, right)]
    return faults + [fault for row in figures for fault in miscalculated(row, numbers)]


def differing(told: Sequence[Row], true: Sequence[Row]) -> list[str]:
    if len(told) != len(true):
        return [f"{len(told)} rows instead of {len(true)}"]
    return [
        f"{cell} should be {right}"
        for row, whole in zip(told, true, strict=True)
        for cell, right in zip(row, whole, strict=True)
        if cell != right and not (cell.endswith(" …") and right.startswith(cell.removesuffix("…")))
    ]


def truth(week: Week) -> list[list[Row]]:
    """What the tables of the example have to say; its arithmetic is left out."""
    figures: list[Row] = [(path, figure(week.board, path)) for path, *_ in tables(EXAMPLE)[3]]
    verdicts = [verdict(number, arc) for number, arc in enumerate(week.arcs, 1)]
    return [verdicts, measured(week), earlier(week.board), figures, shown(week)]


def verdict(number: int, arc: SubSession) -> Row:
    grade = "" if arc.rubric.grade_points is None else f"{arc.rubric.letter_grade} {arc.rubric.grade_points:g}"
    return (
        str(number),
        f"{arc.started_at:%a %H:%M}",
        str(arc.label.title),
        str(arc.rubric.intent or ""),
        grade,
        text(arc.outcome.goal_complete, none=""),
        text(arc.crushed if arc.qualifying else None, none=""),
    )


def measured(week: Week) -> list[Row]:
    """Counts of the qualifying arcs, and their sums as the board has them."""
    rows = [
        (
            str(number),
            *map(text, (arc.measures.turn_count, *classes(arc.measures.tokens))),
            "" if arc.time_to_crush_seconds is None else f"{arc.time_to_crush_seconds:.0f}",
            f"{arc.measures.cost_usd:.4f}",
        )
        for number, arc in enumerate(week.arcs, 1)
        if arc.qualifying
    ]
    pillar = week.board.tokens
    return [*rows, ("all", *map(text, (pillar.turn_count, *classes(pillar.breakdown))), "", "")]


def classes(tokens: Tokens) -> tuple[int, ...]:
    return tokens.input, tokens.output, tokens.cache_read, tokens.cache_write, tokens.total


def earlier(board: Board) -> list[Row]:
    return [
        (
            f"{window.start.day} {window.start:%b}",
            *map(text, (part.crushed, part.qualifying, part.crushed_tokens, part.tokens.total)),
            f"{part.grade_points.normalize():f}",
        )
        for window, part in zip(board.windows[:-1], board.parts[:-1], strict=True)
    ]


def shown(week: Week) -> list[Row]:
    graded = [arc for arc in week.arcs if arc.qualifying]
    return [
        (
            f"`{camel(one.habit)}`",
            *(text(arc.rubric.habits[one.habit], none="") for arc in graded),
            f"`{one.shown} / {one.applicable}`",
            text(one.share),
        )
        for one in week.board.skill.habits
    ]


def graphql_place(area: str, name: str) -> str:
    path = name if area == "headline" else f"{area}.{name}"
    return RENAMED.get(path) or path.replace(name, RENAMED.get(name, name))


def places() -> dict[str, tuple[str, str]]:
    """Where each figure stands on the board, by its place in GraphQL."""
    stand = {(area, one.name) for area, record in AREAS.items() for one in fields(record)} - OF_SKILL
    return {graphql_place(area, camel(name)): (area, name) for area, name in stand}


def figure(board: Board, path: str) -> str:
    """What the board says at such a place as `speed.cspw`."""
    area, name = places()[path.strip("`")]
    return text(getattr(getattr(board, "summary" if area == "verdicts" else area), name))


def camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda found: found[1].upper(), name)


async def test_the_example_is_what_the_score_says_of_the_sample(week: Week) -> None:
    assert wrong(EXAMPLE, truth(week)) == []
    assert f"{FRIDAY:%A %d %B %Y} at {FRIDAY:%H:%M} UTC" in EXAMPLE


async def test_no_number_of_the_example_could_be_another_one(week: Week) -> None:
    """Changes each digit of its tables in turn."""
    true, right = truth(week), tables(EXAMPLE)
    for digit in re.finditer(r"\d", EXAMPLE):
        other = "8" if digit[0] == "9" else str(int(digit[0]) + 1)
        changed = EXAMPLE[: digit.start()] + other + EXAMPLE[digit.end() :]
        if tables(changed) != right:
            assert wrong(changed, true), f"nobody sees the change of {EXAMPLE[digit.start() - 30 : digit.end() + 10]}"


def test_no_figure_is_left_out() -> None:
    told = {row[0].strip("`") for row in tables(EXAMPLE)[3]}
    assert told == set(places()) - ELSEWHERE
    explained = PAGE.replace(EXAMPLE, "")
    assert [path for path in places() if f"`{path.rpartition('.')[2]}`" not in explained and path != "window"] == []


def test_graphql_calls_them_so() -> None:
    for path in places():
        type_ = GRAPH.type_map["Score"]
        for name in path.split("."):
            assert isinstance(type_, GraphQLObjectType)
            assert name in type_.fields, path
            type_ = cast("GraphQLNamedType", get_named_type(type_.fields[name].type))


@pytest.mark.parametrize(
    ("title", "body"),
    [("The headline", "ScoreBody"), ("Speed", "SpeedBody"), ("Tokens", "TokensBody"), ("Skill", "SkillBody")],
)
def test_rest_calls_them_so(title: str, body: str) -> None:
    members = orjson.loads(OPENAPI.read_bytes())["components"]["schemas"][body]["properties"]
    assert {name for _, names in named(title) for name in names} == set(members) - {"window"}


def test_letters_and_tiers_of_the_score() -> None:
    text = section("The headline")
    letters = zip(tables(text)[1][0][1:], edges(text, "score from"), strict=True)
    tiers = re.findall(r"`(\w+)` from (\d+)", text)
    assert [*letters] == changes_of("letter_grade")
    assert [(tier, float(edge)) for tier, edge in tiers] == changes_of("personal_tier")


def changes_of(name: str) -> list[tuple[str, float]]:
    """The values that something takes on as the score grows from 0 to 100, and the score that each begins with."""
    window = window_containing(WindowKind.WEEKLY, FRIDAY, zone_named("UTC"))
    scores = (headline(window, [Tally(qualifying=100, crushed=crushed)]) for crushed in range(101))
    first: dict[str, float] = {}
    for crushed, score in enumerate(scores):
        first.setdefault(str(getattr(score, name)), crushed)
    return [*first.items()]


def test_intervals() -> None:
    for crushed, score, interval in tables(section("The headline"))[2]:
        hits, n = map(int, crushed.split(" of "))
        assert (score, interval) == (text(rounded(Fraction(100 * hits, n), 1)), text(wilson(hits, n)))


def test_letters_and_points_of_prompts() -> None:
    letters, points = tables(section("Skill"))[1]
    begin = [0.0, *(float(end) / 10 for end, _, _ in BANDS)]
    assert edges(section("Skill"), "share of habits from") == [pytest.approx(edge) for edge in begin]
    assert letters[1:] == [*(letter for _, letter, _ in BANDS), "A+"]
    assert [float(one) for one in points[1:]] == [*(one for _, _, one in BANDS), 100]


def test_habits_are_all_there() -> None:
    assert [row[0].strip("`") for row in tables(section("Skill"))[0]] == [camel(habit) for habit in Habit]
