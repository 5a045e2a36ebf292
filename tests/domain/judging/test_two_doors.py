"""The same work told by a transcript and by posted events makes the same arcs.

Clients of the envelope post what happened (`file_diff`, `command`) without the calls of tools behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ingest.claude_code import ClaudeCodeReader
from domain.ingest.reading import Origin
from domain.ingest.upload import check, read
from domain.judging.arcs import Rules
from domain.judging.derive import derive
from domain.judging.records import CloseReason, Intent, State, SubSession, TriviaReason
from domain.judging.rule_judge import RuleJudge
from domain.timeline import Event
from domain.values import JsonObject, JsonValue, SessionId
from tests import make
from tests.domain.ingest.transcript import SESSION, Line, assistant, call, events_of, result, user

SECONDS = 20
"""Between two steps."""
ANSWER = "The discount was taken from the net price, and that is why the total was too low in every cart. " * 3


@dataclass(frozen=True)
class Said:
    text: str


@dataclass(frozen=True)
class Answered:
    text: str = ANSWER


@dataclass(frozen=True)
class Edited:
    path: str
    added: tuple[str, ...] = ("total = round(net * 1.19, 2)",)
    removed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ran:
    line: str
    exit_code: int = 0


@dataclass(frozen=True)
class Cleared:
    pass


Step = Said | Answered | Edited | Ran | Cleared


def transcript(steps: Sequence[Step]) -> list[Event]:
    lines = [line for number, step in enumerate(steps) for line in _lines(step, str(number), number * SECONDS)]
    return events_of(*lines, reader=ClaudeCodeReader(Origin(SESSION)))


def _lines(step: Step, name: str, at: int) -> list[Line]:
    made, id = f"{name}b", f"toolu_{name}"
    match step:
        case Said(text):
            return [user(text, name, at)]
        case Answered(text):
            return [assistant([{"type": "text", "text": text}], name, at, message_id=f"msg_{name}")]
        case Cleared():
            return [user("<command-name>/clear</command-name>\n<command-args></command-args>", name, at)]
        case Edited(path, added, removed):
            asked: JsonObject = {"file_path": path, "old_string": "\n".join(removed), "new_string": "\n".join(added)}
            hunk: JsonObject = {
                "oldStart": 1, "oldLines": len(removed), "newStart": 1, "newLines": len(added),
                "lines": [*(f"-{line}" for line in removed), *(f"+{line}" for line in added)],
            }  # fmt: skip
            outcome: JsonObject = {"filePath": path, "structuredPatch": [hunk], "userModified": False}
            return [call("Edit", asked, id, name, at), result("done", outcome, id, made, at + 1)]
        case Ran(line, exit_code):
            asked = {"command": line}
            told = f"Exit code {exit_code}\nout" if exit_code else "out"
            shown: JsonValue = f"Error: {told}" if exit_code else {"stdout": "out", "stderr": "", "interrupted": False}
            return [
                call("Bash", asked, id, name, at),
                result(told, shown, id, made, at + 1, failed=exit_code != 0),
            ]


def posted(steps: Sequence[Step]) -> list[Event]:
    ids = count(1)
    bodies = [_body(step, next(ids), number * SECONDS) for number, step in enumerate(steps)]
    return list(read([check(body) for body in bodies], lambda value: (value, ())).events)


def _body(step: Step, number: int, at: int) -> JsonObject:
    by_ai: JsonObject = {"actor": {"type": "ai"}, "provenance": {"attribution": "likely_ai"}}
    kind, data, more = _told(step, by_ai)
    return {
        "id": f"0199aaaa-0000-7000-8000-{number:012}", "sessionId": SESSION, "v": 1, "kind": kind, "data": data,
        "ts": f"2026-02-01T10:{at // 60:02}:{at % 60:02}Z", "source": {"channel": "hook"}, **more,
    }  # fmt: skip


def _told(step: Step, by_ai: JsonObject) -> tuple[str, JsonObject, JsonObject]:
    match step:
        case Said(text):
            return "prompt", {"text": text, "tokenCount": 1}, {"actor": {"type": "human"}}
        case Answered(text):
            return "ai_response", {"text": text}, by_ai
        case Cleared():
            return "context_clear", {}, {}
        case Edited(path, added, removed):
            diff = "\n".join([*(f"-{line}" for line in removed), *(f"+{line}" for line in added)])
            return (
                "file_diff",
                {"path": path, "diff": diff, "linesAdded": len(added), "linesRemoved": len(removed)},
                by_ai,
            )
        case Ran(line, exit_code):
            return "command", {"command": line, "exitCode": exit_code}, by_ai


def arcs(events: Sequence[Event]) -> list[SubSession]:
    end = max((event.ts for event in events), default=None)
    log = make.session_log(*events, session=SESSION, ended_at=end)
    return derive([log], Rules(), RuleJudge())


def told(row: SubSession) -> tuple[object, ...]:
    """What both ways of telling must agree on."""
    measures, rubric, outcome = row.measures, row.rubric, row.outcome
    return (
        row.state, row.close_reason, row.excluded_reason, row.label.title,
        measures.turn_count, measures.net_loc, measures.mutating_tool_calls, measures.read_only_tool_calls,
        rubric.intent, rubric.confidence, rubric.letter_grade, outcome.goal_complete, outcome.completion_confidence,
        outcome.explicit_acceptance, outcome.rationale, {file.path for file in row.files},
        [(item.verdict, item.criterion, item.points) for item in row.evidence],
        [flag.kind for flag in row.flags],
    )  # fmt: skip


FIX = Said("Fix the wrong total in shop/totals.py, it is one cent too low")
DONE = (FIX, Edited("shop/totals.py"), Ran("pytest"), Answered())


@pytest.mark.parametrize("door", [transcript, posted])
def test_a_fix_that_passes_its_tests_is_reached(door: type) -> None:
    (arc,) = arcs(door(DONE))
    assert (arc.state, arc.rubric.intent, arc.crushed) == (State.SCORED, Intent.BUG_FIX, True)
    assert (arc.label.title, arc.outcome.completion_confidence) == ("Fix the wrong total in shop/totals.py", 0.8)


@pytest.mark.parametrize("door", [transcript, posted])
def test_a_fix_whose_tests_fail_is_not_reached(door: type) -> None:
    (arc,) = arcs(door((FIX, Edited("shop/totals.py"), Ran("pytest", 1), Answered("Sorry."))))
    assert (arc.outcome.goal_complete, arc.outcome.rationale) == (False, "The last run failed: “pytest”.")


@pytest.mark.parametrize("door", [transcript, posted])
def test_a_question_is_answered(door: type) -> None:
    asked = (
        Said("Why is the total too low?"),
        Answered(),
        Said("and in which file?"),
        Answered(),
        Said("I see, thanks"),
    )
    (arc,) = arcs(door(asked))
    assert (arc.rubric.intent, arc.outcome.goal_complete, arc.outcome.explicit_acceptance) == (
        Intent.QUESTION,
        True,
        True,
    )


@pytest.mark.parametrize("door", [transcript, posted])
def test_looking_only_is_trivia(door: type) -> None:
    (arc,) = arcs(door((Said("What is in the cart module?"), Ran("cat shop/cart.py"), Answered())))
    assert (arc.state, arc.excluded_reason) == (State.EXCLUDED, TriviaReason.NO_MUTATING_TOOL_CALLS)


@pytest.mark.parametrize("door", [transcript, posted])
def test_a_quick_restart_on_the_same_file_is_one_arc(door: type) -> None:
    arc, fragment = arcs(door((*DONE, Cleared(), Said("Now the same for vouchers, please"), Edited("shop/totals.py"))))
    assert (arc.state, fragment.state, fragment.merged_into_id) == (State.SCORED, State.MERGED, arc.id)
    assert arc.measures.turn_count == 2


@pytest.mark.parametrize("door", [transcript, posted])
def test_another_topic_is_another_arc(door: type) -> None:
    guide = Said("Write an install guide with pictures into docs/install.md")
    first, second = arcs(door((*DONE, guide, Edited("docs/install.md", ("# Install", "Run it.")), Answered())))
    assert (first.close_reason, second.rubric.intent) == (CloseReason.TOPIC_SHIFT, Intent.SMALL_CHANGE)


TEXTS = (
    FIX.text, "Why is the total too low?", "thanks, that works", "no, it still fails", "yes", "commit this please",
    "Write an install guide with pictures into docs/install.md", "new task: please add an export of all carts as CSV",
)  # fmt: skip
LINES = st.tuples(st.sampled_from(["one = 1", "two = 2", "three = 3"]))
STEPS = st.one_of(
    st.sampled_from(TEXTS).map(Said),
    st.sampled_from([ANSWER, "Done."]).map(Answered),
    st.builds(Edited, st.sampled_from(["shop/totals.py", "docs/install.md"]), LINES, st.just(()) | LINES),
    st.builds(Ran, st.sampled_from(["pytest", "npm run build", "ls -la", "rm -r out"]), st.sampled_from([0, 0, 1])),
    st.just(Cleared()),
)


@given(st.lists(STEPS, min_size=1, max_size=14))
def test_both_doors_lead_to_the_same_arcs(steps: list[Step]) -> None:
    assert list(map(told, arcs(posted(steps)))) == list(map(told, arcs(transcript(steps))))


def test_the_session_is_that_of_the_transcript() -> None:
    assert {event.session_id for event in (*transcript(DONE), *posted(DONE))} == {SessionId(SESSION)}
