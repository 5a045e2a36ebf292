from datetime import UTC, datetime

import pytest

from domain.timeline import Kind
from domain.values import JsonValue
from tests.domain.ingest.transcript import SESSION, assistant, events_of, line, of_kind, only, read_lines, user, uuid_of

TEN = datetime(2026, 2, 1, 10, tzinfo=UTC)


def test_facts_of_a_session_are_told_when_they_change() -> None:
    reads = read_lines(
        [
            user("a", "u1"),
            user("b", "u2"),
            user("c", "u3", cwd="/home/dev/other", gitBranch="fix", version="2.1.101"),
            line("system", "s", subtype="away_summary", content="Fixed it.", gitBranch="fix", version="2.1.101"),
            {"type": "ai-title", "aiTitle": "By the model", "sessionId": SESSION},
            {"type": "custom-title", "customTitle": "By hand", "sessionId": SESSION},
            {"type": "ai-title", "aiTitle": "By the model again", "sessionId": SESSION},
        ]
    )
    facts = [read.facts.get(SESSION) for read in reads]
    assert [fact and (fact.project, fact.branch, fact.title) for fact in facts] == [
        ("/home/dev/app", "main", None),
        None,
        ("/home/dev/app", "fix", None),
        ("/home/dev/app", "fix", None),
        ("/home/dev/app", "fix", "By the model"),
        ("/home/dev/app", "fix", "By hand"),
        None,
    ]
    assert facts[3] is not None
    assert facts[3].metadata == {"version": "2.1.101", "awaySummary": "Fixed it."}


def test_sub_agents_say_nothing_about_the_project() -> None:
    assert read_lines([assistant("x", isSidechain=True, cwd="/tmp/worktree")])[0].facts == {}


def test_titles_are_events_once_each() -> None:
    title: dict[str, JsonValue] = {"type": "custom-title", "customTitle": "Fix the reader", "sessionId": SESSION}
    events = events_of(title, user("x"), title, title)
    assert only(events, Kind.SESSION_TITLE).data == {"title": "Fix the reader", "givenBy": "person"}
    assert read_lines([title])[0].facts[SESSION].title == "Fix the reader"


@pytest.mark.parametrize("order", [1, -1])
def test_a_summary_belongs_to_the_session_of_the_line_it_names(order: int) -> None:
    here: dict[str, JsonValue] = {"type": "summary", "summary": "Reader fixed", "leafUuid": uuid_of("leaf")}
    elsewhere = here | {"summary": "Another session", "leafUuid": uuid_of("unknown")}
    lines = [user("x", "first"), elsewhere, *[here, user("y", "leaf", 7)][::order]]
    title = only(events_of(*lines), Kind.SESSION_TITLE)
    assert (title.data["title"], title.ts) == ("Reader fixed", TEN.replace(second=7))
    assert [read.facts[SESSION].title for read in read_lines(lines) if read.facts][-1] == "Reader fixed"
    assert of_kind(events_of(elsewhere, user("z")), Kind.SESSION_TITLE) == []
