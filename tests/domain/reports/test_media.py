"""What each template makes of a session."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from domain.judging.records import Evidence, Habit, Intent, JudgeStatus, Measures, State, SubSession
from domain.languages import Language, phrases
from domain.media import PARAMETERS, MediaId, ReportWish, Template
from domain.media_entities import Entity, Said, entities
from domain.reports import document as blocks
from domain.reports.document import Document
from domain.reports.media import metrics, write
from domain.reports.media_facts import Course, Material, course
from domain.reports.media_signals import Seen, findings, points
from domain.reports.records import Written
from domain.session_parts import FileTouched, SessionParts, ToolUsed
from domain.sessions import Session
from domain.timeline import Kind, Tokens
from domain.values import OrgId, SessionId
from tests.make import SESSION, START, USER, event_id, outcome, rubric, sub_session, time

NOW = time(600)
ROLE = {
    "roleTitle": "Backend engineer",
    "roleDescription": "- Writes tests for what breaks\n- Knows Kubernetes\n- Ships Python services",
    "companyCulture": "We look for the root cause. We love sailing.",
}
PROFILE = {"idealProfile": "Plans before coding. Verifies the rounding of totals. Plays the harp."}
PARAMS = {Template.HIRING: ROLE, Template.PROFILE: PROFILE}
PROMPT = "Fix the rounding of totals in shop/totals.py and run the tests"


def session(**changes: object) -> Session:
    plain = {
        "id": SESSION, "org_id": OrgId(UUID(int=9)), "user_id": USER, "source_service": "claude-code",
        "project": "shop", "title": "Rounding in the shop",
        "branch": None, "started_at": START, "ended_at": time(60), "stopped_at": None,
        "last_activity_at": time(60), "event_count": 40, "decision_count": 0, "prompt_count": 5, "tool_call_count": 20,
        "tool_error_count": 2, "api_error_count": 0, "commit_count": 1, "pull_request_count": 0,
        "tokens": Tokens(1000, 200), "cost_usd": Decimal("1.25"), "tokens_are_lower_bound": False,
        "ai_attribution_pct": None, "metadata": {},
        "created_at": START, "updated_at": START,
    }  # fmt: skip
    return Session(**{**plain, **changes})


CHECKED = Evidence("outcome", "check_passed", 25, (event_id("run"),), "3 passed")
THANKS = Evidence("outcome", "acceptance", 30, (event_id("thanks"),), "works perfectly")
OBJECTION = Evidence("outcome", "objection", -40, (event_id("no"),), "that is still wrong")


def reached(name: str = "reached", **changes: object) -> SubSession:
    told = {"evidence": (THANKS, CHECKED), "prompt_ids": (event_id("ask"),), "commit_refs": ("abc",)}
    return sub_session(name, **{**told, **changes})


def missed(name: str = "missed", **habits: bool) -> SubSession:
    shown = {**dict.fromkeys(Habit, False), **{Habit(habit): shows for habit, shows in habits.items()}}
    return sub_session(
        name, outcome=outcome(goal_complete=False), rubric=rubric(habits=shown), evidence=(OBJECTION,)
    )  # fmt: skip


SAID = (
    Said(event_id("ask"), time(0), Kind.PROMPT, PROMPT),
    Said(event_id("answer"), time(5), Kind.AI_RESPONSE, "The totals are rounded half up now. " * 5),
    Said(event_id("thanks"), time(7), Kind.PROMPT, "works perfectly"),
)
PARTS = SessionParts(
    files=(FileTouched("shop/totals.py", 12, 0, 1, created=False, deleted=False),),
    tools=(ToolUsed("Edit", 12, 1, None), ToolUsed("Bash", 8, 1, None)),
)


def material(
    template: Template = Template.GENERAL,
    arcs: Iterable[SubSession] = (),
    said: Iterable[Said] = SAID,
    parts: SessionParts = PARTS,
    whom: str = "developer",
    **changes: object,
) -> Material:
    wish = ReportWish(media_id=MediaId(SESSION), template=template, params=PARAMS.get(template, {}))
    present = tuple(entities(list(said), "Ada", "claude-code", []))
    one: Entity = next(entity for entity in present if entity.id == whom)
    return Material(session(**changes), tuple(arcs), present, one, "Ada", parts, wish)


def written(template: Template, arcs: Iterable[SubSession] = (), **more: object) -> Written:
    return write(material(template, arcs, **more), phrases(Language.EN), NOW)


def text_of(document: Document, section: str | None = None) -> str:
    shown = [one for one in document.sections if section in (None, one.title)]
    return "\n".join(part.model_dump_json() for part in shown)


def titles(document: Document) -> list[str]:
    return [section.title for section in document.sections]


@pytest.mark.parametrize(
    ("arc", "came_out"),
    [
        (reached(), Course.REACHED),
        (missed(), Course.MISSED),
        (sub_session(state=State.EXCLUDED), Course.LEFT_OUT),
        (sub_session(state=State.OPEN), Course.OPEN),
        (sub_session(rubric=rubric(judge_status=JudgeStatus.PENDING)), Course.OPEN),
    ],
)
def test_each_goal_came_out_one_way(arc: SubSession, came_out: Course) -> None:
    assert course(arc) is came_out


@pytest.mark.parametrize("template", Template)
@pytest.mark.parametrize("said", [(), SAID])
def test_every_template_can_write_of_a_session_that_holds_nothing(template: Template, said: tuple[Said, ...]) -> None:
    empty = written(template, said=said, parts=SessionParts(), title=None, started_at=None, last_activity_at=None,
                    cost_usd=None, tokens=Tokens())  # fmt: skip
    assert empty.document.summary.endswith("Nothing in this session could be judged yet.")
    assert "hint, not as a measure" in (empty.document.footnote or "")
    assert all(section.blocks for section in empty.document.sections)


@pytest.mark.parametrize("template", Template)
def test_no_secret_is_quoted_also_where_an_organisation_keeps_them(template: Template) -> None:
    """A report may be shown to whoever has its link."""
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    said = tuple(replace(one, text=f"{secret} rounding of totals, root cause, tests: {one.text}") for one in SAID)
    leaky = [replace(one, quote=f"{one.quote} {secret}") for one in (THANKS, CHECKED, OBJECTION)]
    arcs = [reached(evidence=(leaky[0], leaky[1])), replace(missed(), evidence=(leaky[2],))]
    arcs = [replace(arc, label=replace(arc.label, title=f"With {secret}")) for arc in arcs]
    for title in (f"Try {secret}", None):
        report = written(template, arcs, said=said, title=title)
        assert secret not in report.document.model_dump_json()
        assert secret not in str(report.payload)


@pytest.mark.parametrize("template", Template)
@pytest.mark.parametrize("language", Language)
def test_every_template_can_be_written_in_every_language(template: Template, language: Language) -> None:
    told = material(template, [reached(), missed(), reached("late", state=State.OPEN)])
    document = write(told, phrases(language), NOW).document
    assert document.language is language
    assert "{" not in document.title + document.summary + document.subtitle + (document.footnote or "")


def test_a_general_report_says_what_came_out_and_who_wrote_how_much() -> None:
    report = written(Template.GENERAL, [reached(), missed(goal_explicit=True)])
    document = report.document
    assert document.title == "What happened in “Rounding in the shop”"
    assert document.subtitle.startswith("Ada, ")
    assert document.summary == "Goals reached: 1 of the 2 that could be judged."
    assert titles(document) == [
        "At a glance", "The goals", "Who wrote", "How the prompts were written", "The tools that were used",
    ]  # fmt: skip
    goals = text_of(document, "The goals")
    assert '"Reached"' in goals
    assert [quoted in goals for quoted in ("works perfectly", "3 passed", "that is still wrong")] == [True, False, True]
    assert "Ada wrote 30% of what was written." in text_of(document, "Who wrote")
    assert "Says what is wanted · 2 of 2" in text_of(document, "How the prompts were written")
    assert '["Edit","12","1"]' in text_of(document, "The tools that were used")
    assert report.sessions == {SESSION}


def test_the_habit_to_try_is_the_one_that_showed_least() -> None:
    every = [missed("a", **dict.fromkeys(list(Habit)[1:], True)), reached()]
    [*_, advice] = next(
        section for section in written(Template.GENERAL, every).document.sections if "prompts" in section.title
    ).blocks
    assert isinstance(advice, blocks.Text)
    assert advice.content.startswith("Open with one sentence")


def test_points_are_sentences_and_list_items_each_once() -> None:
    assert points("- Writes tests\n* Writes tests\n2) Ships. And tests more!\n\n...") == [
        "Writes tests",
        "Ships.",
        "And tests more!",
    ]
    assert points("") == []
    assert len(points("\n".join(f"knows thing{n}x" for n in range(50)))) == 12


def shown(text: str, arcs: Iterable[SubSession], **more: object) -> list[Seen]:
    return [one.seen for one in findings(material(arcs=arcs, **more), text)]


def test_a_point_is_shown_by_habits_deeds_files_kinds_of_goals_or_words() -> None:
    arcs = [reached(), missed()]
    assert shown("Writes tests.", [reached()]) == [Seen.SHOWN]
    assert shown("Writes tests.", arcs) == [Seen.PARTLY]
    assert shown("Writes tests.", [missed()], said=()) == [Seen.NOT_SEEN]
    assert shown("Commits often.", [reached()]) == [Seen.SHOWN]
    assert shown("Loves Python.", []) == [Seen.SHOWN]
    assert shown("Loves Haskell.", arcs) == [Seen.NOT_SEEN]
    assert shown("Fixes bugs.", arcs) == [Seen.SHOWN]
    assert shown("Refactors things.", [sub_session(rubric=rubric(intent=Intent.FEATURE))]) == [Seen.NOT_SEEN]
    assert shown("Cares about correct rounding of all totals and invoices.", []) == [Seen.PARTLY]


def test_words_that_everybody_uses_quote_nobody() -> None:
    said = (
        Said(event_id("ask"), time(0), Kind.PROMPT, "no, that is wrong. I'll look at the code myself, it takes time"),
    )
    for point in ("We look for causes.", "Takes time to look.", "Always looks at the code."):
        [found] = findings(material(arcs=[], said=said), point)
        assert found.quotes == ()


def test_only_what_the_one_said_is_quoted() -> None:
    [point] = findings(material(arcs=[]), "Rounding of totals")
    assert [one.text for one in point.quotes] == [PROMPT]
    [point] = findings(material(arcs=[], whom="agent"), "Rounded totals")
    assert [one.kind for one in point.quotes] == [Kind.AI_RESPONSE]


def test_a_hiring_report_gathers_evidence_and_recommends_nobody() -> None:
    document = written(Template.HIRING, [reached(), missed()]).document
    assert document.title == "Backend engineer: what “Rounding in the shop” shows"
    assert document.summary.startswith("This session holds evidence for 3 of 5 points.")
    role = text_of(document, "What the role asks for")
    assert "“Asks for a check” showed in 1 of 2 goals." in role
    assert "1 file of this kind was changed, such as “shop/totals.py”." in role
    assert "Nothing in this session speaks to this point." in role
    assert "“Looks for the cause” showed in 1 of 2 goals." in text_of(document, "How it fits the culture")
    assert "recommends nobody" in text_of(document, "What one session cannot say")
    whole = document.model_dump_json().lower()
    assert not [word for word in ("no hire", "no-hire", "should be hired", "we recommend", "reject") if word in whole]


def test_a_profile_is_held_against_the_session_point_by_point() -> None:
    document = written(Template.PROFILE, [reached()]).document
    table = text_of(document, "The evidence in short")
    assert '["Plans before coding.","Shown"]' in table
    assert '["Plays the harp.","Not seen"]' in table
    assert PROMPT in text_of(document, "Point by point")


def test_a_playbook_keeps_what_reached_goals() -> None:
    arcs = [*(reached(f"reached {n}") for n in range(3)), *(missed(f"missed {n}") for n in range(3))]
    document = written(Template.PLAYBOOK, arcs).document
    assert titles(document) == [
        "What convinced", "Openings that worked", "The way to each goal", "What to repeat", "What to do differently",
    ]  # fmt: skip
    assert "works perfectly" in text_of(document, "What convinced")
    assert PROMPT in text_of(document, "Openings that worked")
    assert '["Fix the rounding of totals","3","2","✓","✓"]' in text_of(document, "The way to each goal")
    repeat = text_of(document, "What to repeat")
    assert "in 100% (3 of 3) of the goals that were reached and in 0% (0 of 3) of the others" in repeat
    assert "that is still wrong" in text_of(document, "What to do differently")


def test_a_playbook_has_nothing_repeated_for_one_goal_or_two() -> None:
    arcs = [reached("a"), reached("b"), *(missed(f"missed {n}") for n in range(4))]
    assert "What to repeat" not in titles(written(Template.PLAYBOOK, arcs).document)


def test_what_was_not_reached_says_why() -> None:
    unproven = replace(missed(), evidence=())
    told = text_of(written(Template.PLAYBOOK, [unproven]).document, "What to do differently")
    assert "Nothing was changed in the end." in told


def test_a_session_without_a_title_bears_that_of_its_largest_goal() -> None:
    named = replace(reached().label, title="The large one")
    large = reached("large", measures=Measures(tokens=Tokens(input=9_000_000)), label=named)
    document = written(Template.GENERAL, [reached(), large], title=None).document
    assert document.title == "What happened in “The large one”"


def test_a_playbook_without_a_reached_goal_says_so() -> None:
    document = written(Template.PLAYBOOK, [missed()]).document
    assert "nothing to repeat yet" in text_of(document, "What convinced")
    assert "Openings that worked" not in titles(document)


def test_metrics_count_what_the_report_rests_on() -> None:
    told = metrics(material(arcs=[reached(), missed(), sub_session("small", state=State.EXCLUDED)]))
    assert {name: told[name] for name in told if name.startswith("goals")} == {
        "goals": 3, "goals_judged": 2, "goals_reached": 1, "goals_redone": 0, "goals_missed": 1,
    }  # fmt: skip
    assert (told["tokens"], told["cost_usd"], told["duration_seconds"]) == (1200, 1.25, 3600.0)
    assert "cost_usd" not in metrics(material(cost_usd=None))


def test_a_report_goes_when_any_session_it_quotes_is_erased() -> None:
    other = SessionId("session-0")
    report = written(Template.GENERAL, [reached(session_id=other)])
    assert report.sessions == {SESSION, other}


def test_long_texts_are_cut() -> None:
    long = reached(label=reached().label.__class__("word " * 400, None, reached().label.title_source))
    talk = (Said(event_id("ask"), time(0), Kind.PROMPT, "totals " * 5_000),)
    document = written(Template.PLAYBOOK, [long], said=talk, title="word " * 400).document
    assert len(document.model_dump_json()) < 6_000
    assert document.generated_at - START == timedelta(minutes=600)
    assert all(name not in document.title for name in PARAMETERS[Template.HIRING])


def test_measures_without_turns_are_zero() -> None:
    bare = reached(measures=Measures())
    assert '"0","0","✓"' in text_of(written(Template.PLAYBOOK, [bare]).document, "The way to each goal")
