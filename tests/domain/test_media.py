"""What may be asked of a medium, and who in it is meant."""

from uuid import UUID

import orjson
import pytest

from domain.errors import Invalid
from domain.media import (
    MOST_PARAMETERS_BYTES,
    PARAMETERS,
    MediaId,
    OnMiss,
    ReportWish,
    Strategy,
    Target,
    Template,
    TimeRange,
    UploadId,
    check,
    media_id,
    upload_id,
)
from domain.media_entities import Entity, Said, dominant, entities, find
from domain.reports.records import ReportFailed
from domain.session_parts import SubAgent
from domain.timeline import Kind
from tests.make import START, event_id, time

UPLOAD = UploadId(UUID(int=255))
FULL = {name: "something" for names in PARAMETERS.values() for name in names}


def wish(
    template: Template = Template.GENERAL, params: dict[str, object] | None = None, **target: object
) -> ReportWish:
    return ReportWish(media_id=MediaId("m"), template=template, params=params or {}, target=Target(**target))


def test_an_upload_is_known_by_its_media_id() -> None:
    assert media_id(UPLOAD) == "media_000000000000000000000000000000ff"
    assert upload_id(media_id(UPLOAD)) == UPLOAD
    for other in ("session-1", "media_", "media_ff", f"media_{'g' * 32}", f"media_{'F' * 32}", UPLOAD.hex):
        assert upload_id(MediaId(other)) is None


@pytest.mark.parametrize(
    "target",
    [
        {},
        {"strategy": Strategy.ENTITY_ID, "entity_id": "agent"},
        {"strategy": Strategy.MAGIC_HINT, "hint": "the interviewed person"},
        {"strategy": Strategy.TIMERANGE, "timerange": TimeRange(start_s=5)},
        {"strategy": Strategy.TIMERANGE, "timerange": TimeRange(end_s=0.5)},
        {"strategy": Strategy.TIMERANGE, "timerange": TimeRange(start_s=1, end_s=2)},
    ],
)
def test_a_strategy_with_what_it_needs_is_good(target: dict[str, object]) -> None:
    check(wish(**target))


@pytest.mark.parametrize(
    "target",
    [
        {"strategy": Strategy.ENTITY_ID},
        {"strategy": Strategy.MAGIC_HINT},
        {"strategy": Strategy.MAGIC_HINT, "hint": " \t"},
        {"strategy": Strategy.TIMERANGE},
        {"strategy": Strategy.TIMERANGE, "timerange": TimeRange(start_s=2, end_s=2)},
        {"strategy": Strategy.TIMERANGE, "timerange": TimeRange(end_s=0)},
    ],
)
def test_a_strategy_without_what_it_needs_is_refused(target: dict[str, object]) -> None:
    with pytest.raises(Invalid, match=r"target\."):
        check(wish(**target))


@pytest.mark.parametrize("name", ["idealProfile", "something else"])
def test_parameters_are_kept_with_the_report_and_therefore_not_endless(name: str) -> None:
    room = MOST_PARAMETERS_BYTES - len(orjson.dumps({**FULL, name: ""}))
    check(wish(Template.PROFILE, {**FULL, name: "x" * room}))
    with pytest.raises(Invalid, match=r"output\.templateParams has more than 65536 bytes"):
        check(wish(Template.PROFILE, {**FULL, name: "x" * room + "y"}))


@pytest.mark.parametrize("template", Template)
def test_a_template_names_every_parameter_it_misses(template: Template) -> None:
    check(wish(template, FULL))
    for odd in (None, 1, " ", ["a"]):
        given = dict.fromkeys(PARAMETERS[template], odd)
        if given:
            with pytest.raises(Invalid) as refused:
                check(wish(template, given))
            assert [name in detail for name, detail in zip(given, refused.value.details, strict=True)]


def said(text: str, at: float = 0, kind: Kind = Kind.AI_RESPONSE, agent: str | None = None) -> Said:
    return Said(event_id(f"{text} {at}"), time(at), kind, text, agent)


def asked(text: str, at: float = 0, agent: str | None = None) -> Said:
    return said(text, at, Kind.PROMPT, agent)


HELPER = SubAgent("a1", "explore", "Search the payment code", 3, 0, None, None, START, START)
TALK = [
    asked("Fix the checkout", 0),
    said("I look at the checkout first, then at the totals.", 1),
    asked("Search the payment code for rounding, all of it, everywhere", 2, "a1"),
    said("Rounding happens in three files: totals, invoices, refunds.", 3, agent="a1"),
    asked("Thanks", 4),
]


def present(*told: Said) -> list[Entity]:
    return entities(told or TALK, "Ada", "claude-code", [HELPER], ["claude-sonnet-4-5"])


def test_everybody_speaks_for_themselves_and_shares_add_up() -> None:
    by_id = {one.id: one for one in present()}
    assert {id: len(one.said) for id, one in by_id.items()} == {"developer": 2, "agent": 2, "agent:a1": 1}
    assert [one.share for one in present()] == sorted((one.share for one in present()), reverse=True)
    assert sum(one.share for one in by_id.values()) == pytest.approx(1)
    total = sum(len(one.text) for one in TALK)
    assert by_id["developer"].share == pytest.approx(len("Fix the checkoutThanks") / total)
    assert by_id["agent:a1"].name == "explore"


def test_what_a_tool_wrote_into_a_prompt_is_not_the_developers() -> None:
    by_id = {one.id: one for one in present(asked("[Request interrupted by user]"), asked("Go on with the search"))}
    assert [one.text for one in by_id["developer"].said] == ["Go on with the search"]


def test_nobody_is_dominant_where_nobody_speaks() -> None:
    silent = entities([], "Ada", "claude-code", [])
    assert [(one.id, one.share) for one in silent] == [("developer", 0.0), ("agent", 0.0)]
    assert dominant(silent) is None
    with pytest.raises(ReportFailed) as failed:
        find(silent, Target(), START)
    assert failed.value.failure.code == "target_not_found"


def found(people: bool = False, **target: object) -> str:
    return find(present(), Target(**target), START, people=people).id


def test_dominant_is_who_says_most_or_the_person() -> None:
    assert found() == "agent"
    assert found(people=True) == "developer"


def test_a_time_range_finds_who_says_most_in_it() -> None:
    def within(start: float | None, end: float | None = None) -> str:
        return found(strategy=Strategy.TIMERANGE, timerange=TimeRange(start_s=start, end_s=end))

    assert within(0, 60) == "developer"
    assert within(60, 61) == "agent"
    assert within(180, 200) == "agent:a1"
    assert within(240) == "developer"
    with pytest.raises(ReportFailed):
        within(241)


def test_an_id_finds_its_entity() -> None:
    for id, meant in (("agent", "agent"), ("agent:a1", "agent:a1"), ("a1", "agent:a1"), ("developer", "developer")):
        assert found(strategy=Strategy.ENTITY_ID, entity_id=id) == meant
    with pytest.raises(ReportFailed):
        found(strategy=Strategy.ENTITY_ID, entity_id="nobody")


@pytest.mark.parametrize(
    ("hint", "meant"),
    [
        ("the interviewed person", "developer"),
        ("Ada", "developer"),
        ("whoever wanted the checkout fix", "developer"),
        ("the AI assistant", "agent"),
        ("sonnet", "agent"),
        ("the one who searched refunds and invoices", "agent:a1"),
        ("the explore sub-agent", "agent:a1"),
    ],
)
def test_a_hint_finds_whom_its_words_fit_best(hint: str, meant: str) -> None:
    assert found(strategy=Strategy.MAGIC_HINT, hint=hint) == meant


@pytest.mark.parametrize("strategy", [Strategy.MAGIC_HINT, Strategy.ENTITY_ID])
def test_on_a_miss_the_dominant_speaker_stands_in_if_wanted(strategy: Strategy) -> None:
    target = {"strategy": strategy, "hint": "zebra", "entity_id": "zebra"}
    with pytest.raises(ReportFailed):
        found(**target)
    assert found(**target, on_miss=OnMiss.FALLBACK) == "agent"
