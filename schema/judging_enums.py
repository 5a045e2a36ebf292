"""The words of judging, as the graph describes them."""

from enum import StrEnum

from domain.judging.records import (
    CloseReason,
    FlagKind,
    Habit,
    Intent,
    JudgeStatus,
    ReworkKind,
    State,
    TitleSource,
    TriviaReason,
)
from schema.values import describe

describe(
    State,
    "How far an arc has come: open, closed, then merged, excluded or scored.",
    {
        "open": "Work goes on; grades are a preview.",
        "closed": "Work has ended; the verdict is not there yet.",
        "merged": "A fragment that was joined to an earlier arc; it stands in no list and no count.",
        "excluded": "Below the substance floor, or without an intent: trivia.",
        "scored": "Judged and counted.",
    },
    name="SubSessionState",
)
describe(
    CloseReason,
    "What closed an arc. Time alone never does.",
    {
        "clear": "The conversation was cleared.",
        "topic_shift": "The user turned to something else.",
        "git_commit": "The arc's work was committed (where the organisation splits on commits).",
        "session_end": "The session ended.",
        "manual": "Somebody closed it.",
    },
)
describe(
    Intent,
    "What the user was after.",
    {
        "question": "To know something.",
        "investigation": "To find out why or how.",
        "review": "A judgement of existing work.",
        "plan": "A plan or a specification.",
        "small_change": "A small edit.",
        "bug_fix": "To mend a fault.",
        "feature": "New behaviour.",
        "refactor": "Another structure, the same behaviour.",
    },
)
describe(
    TriviaReason,
    "Why an arc is not scored.",
    {
        "no_real_work": "No turns, no change, no mutating call.",
        "too_few_turns": "Ended before the third turn.",
        "too_few_lines": "Fewer than ten net lines.",
        "no_mutating_tool_calls": "Only reading calls were seen.",
        "other": "Anything else; the detail says what.",
    },
    name="ExclusionReason",
)
describe(
    Habit,
    "A prompt habit that the rubric looks for.",
    {
        "goal_explicit": "The outcome is stated in observable terms.",
        "scope_bounded": "Files, features or surface are limited.",
        "references_concrete": "Files, lines or names are cited that can be opened.",
        "context_sufficient": "Errors, examples or artifacts are supplied.",
        "verification_requested": "Tests, expected output or success criteria are asked for.",
        "root_cause_oriented": "The cause is aimed at, not the symptom.",
        "plan_first": "Non-trivial work opens with exploring or planning.",
    },
)
describe(
    JudgeStatus,
    "Whether the judge came to a verdict.",
    {
        "pending": "Not asked yet.",
        "ok": "It did.",
        "parse_error": "Its answer could not be read.",
        "error": "It failed or timed out.",
        "skipped": "It was not asked: below the substance floor, or without text.",
    },
)
describe(
    TitleSource,
    "Who wrote title and summary.",
    {
        "heuristic": "Cut from the first prompt.",
        "rubric": "Written by the judge when the arc closed.",
        "user_edited": "Written by a person; locked against rewriting.",
    },
)
describe(
    ReworkKind,
    "How a later arc undid this one.",
    {
        "revert": "A commit or a file was taken back.",
        "rewrite": "Half of the added lines or more were replaced.",
        "deletion": "A file that this arc made was deleted.",
    },
)
describe(
    FlagKind,
    "What an integrity flag points at.",
    {
        "auto_retry_storm": "The same prompt or failing call again and again.",
        "tiny_prompt_burst": "Many very short prompts in a short time.",
        "substance_floor_breach": "Scored, but below the floor when measured again.",
        "median_substance_outlier": "Far less substance than the organisation's arcs of this intent have.",
        "fragmentation_merge": "Three or more short arcs were merged into this one.",
    },
)


class Severity(StrEnum):
    INFO = "info"
    WARN = "warn"


class VerdictPart(StrEnum):
    INTENT = "intent"
    RUBRIC = "rubric"
    OUTCOME = "outcome"


describe(
    Severity,
    "How much a flag should worry.",
    {"info": "Good to know.", "warn": "Worth a look."},
    name="FlagSeverity",
)
describe(
    VerdictPart,
    "A part of the verdict on an arc.",
    {
        "intent": "What the user was after.",
        "rubric": "The prompt habits.",
        "outcome": "Whether the goal was reached.",
    },
)
