"""How goal arcs, their files and their flags stand in rows: what is read and what is written, side by side."""

from collections.abc import Sequence

from pydantic import TypeAdapter

from domain.judging.records import (
    Appeal,
    CloseReason,
    Evidence,
    FileEdits,
    Flag,
    FlagKind,
    Habit,
    Intent,
    JudgeStatus,
    Label,
    Measures,
    Outcome,
    Rework,
    ReworkKind,
    Rubric,
    State,
    SubSession,
    TitleSource,
    TriviaReason,
)
from domain.timeline import Tokens
from domain.values import OrgId, SessionId, SubSessionId, UserId
from persistence.database import Row

Values = dict[str, object]
"""What a row is written with, by column."""

_EVIDENCE = TypeAdapter(tuple[Evidence, ...])


def sub_session_from(row: Row, files: Sequence[FileEdits] = (), flags: Sequence[Flag] = ()) -> SubSession:
    """An arc from its row; lists leave its files and flags to loaders."""
    return SubSession(
        id=SubSessionId(row["id"]),
        session_id=SessionId(row["session_id"]),
        user_id=UserId(row["user_id"]),
        project=row["project"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        last_event_at=row["last_event_at"],
        state=State(row["state"]),
        close_reason=None if row["close_reason"] is None else CloseReason(row["close_reason"]),
        merged_into_id=row["merged_into_id"],
        fragment_ids=tuple(row["fragment_ids"]),
        measures=_measures(row),
        substance_floor_passed=row["substance_floor_passed"],
        excluded_reason=None if row["excluded_reason"] is None else TriviaReason(row["excluded_reason"]),
        excluded_detail=row["excluded_detail"],
        rubric=_rubric(row),
        outcome=_outcome(row),
        rework=_rework(row),
        label=Label(row["title"], row["summary"], TitleSource(row["title_source"])),
        prompt_ids=tuple(row["prompt_ids"]),
        commit_refs=tuple(row["commit_refs"]),
        revert_refs=tuple(row["revert_refs"]),
        files=tuple(files),
        evidence=_EVIDENCE.validate_python(row["evidence"]),
        flags=tuple(flags),
        first_prompt_at=row["first_prompt_at"],
        ruleset_version=row["ruleset_version"],
        judge_version=row["judge_version"],
        appeal=_appeal(row),
        split_by_hand=row["split_by_hand"],
        merged_by_hand=row["merged_by_hand"],
    )


def sub_session_row(org_id: OrgId, arc: SubSession) -> Values:
    """Its files and flags have rows of their own."""
    return {
        "org_id": org_id,
        "id": arc.id,
        "user_id": arc.user_id,
        "session_id": arc.session_id,
        "project": arc.project,
        "started_at": arc.started_at,
        "ended_at": arc.ended_at,
        "last_event_at": arc.last_event_at,
        "first_prompt_at": arc.first_prompt_at,
        "state": arc.state,
        "close_reason": arc.close_reason,
        "merged_into_id": arc.merged_into_id,
        "fragment_ids": list(arc.fragment_ids),
        "substance_floor_passed": arc.substance_floor_passed,
        "excluded_reason": arc.excluded_reason,
        "excluded_detail": arc.excluded_detail,
        "qualifying": arc.qualifying,
        "crushed": arc.crushed,
        "title": arc.label.title,
        "summary": arc.label.summary,
        "title_source": arc.label.title_source,
        "prompt_ids": list(arc.prompt_ids),
        "commit_refs": list(arc.commit_refs),
        "revert_refs": list(arc.revert_refs),
        "evidence": _EVIDENCE.dump_python(arc.evidence, mode="json"),
        "ruleset_version": arc.ruleset_version,
        "judge_version": arc.judge_version,
        "split_by_hand": arc.split_by_hand,
        "merged_by_hand": arc.merged_by_hand,
        **_measures_row(arc.measures),
        **_rubric_row(arc.rubric),
        **_outcome_row(arc.outcome),
        **_rework_row(arc.rework),
        **_appeal_row(arc.appeal),
    }


def _measures(row: Row) -> Measures:
    return Measures(
        turn_count=row["turn_count"],
        net_loc=row["net_loc"],
        lines_added=row["lines_added"],
        lines_removed=row["lines_removed"],
        mutating_tool_calls=row["mutating_tool_calls"],
        read_only_tool_calls=row["read_only_tool_calls"],
        tool_errors=row["tool_errors"],
        tokens=Tokens(row["input_tokens"], row["output_tokens"], row["cache_read_tokens"], row["cache_write_tokens"]),
        cost_usd=row["cost_usd"],
        tokens_are_lower_bound=row["tokens_are_lower_bound"],
    )


def _measures_row(measures: Measures) -> Values:
    return {
        "turn_count": measures.turn_count,
        "net_loc": measures.net_loc,
        "lines_added": measures.lines_added,
        "lines_removed": measures.lines_removed,
        "mutating_tool_calls": measures.mutating_tool_calls,
        "read_only_tool_calls": measures.read_only_tool_calls,
        "tool_errors": measures.tool_errors,
        "input_tokens": measures.tokens.input,
        "output_tokens": measures.tokens.output,
        "cache_read_tokens": measures.tokens.cache_read,
        "cache_write_tokens": measures.tokens.cache_write,
        "cost_usd": measures.cost_usd,
        "tokens_are_lower_bound": measures.tokens_are_lower_bound,
    }


_HABITS = tuple(Habit)  # an enum is slow to walk through


def _rubric(row: Row) -> Rubric:
    habits = row["habits"]
    return Rubric(
        judge_status=JudgeStatus(row["judge_status"]),
        intent=None if row["intent"] is None else Intent(row["intent"]),
        confidence=row["intent_confidence"],
        habits={habit: habits[habit] for habit in _HABITS if habit in habits},
        letter_grade=row["letter_grade"],
        grade_points=row["grade_points"],
    )


def _rubric_row(rubric: Rubric) -> Values:
    return {
        "judge_status": rubric.judge_status,
        "intent": rubric.intent,
        "intent_confidence": rubric.confidence,
        "habits": dict(rubric.habits),
        "letter_grade": rubric.letter_grade,
        "grade_points": rubric.grade_points,
    }


def _outcome(row: Row) -> Outcome:
    return Outcome(
        goal_complete=row["goal_complete"],
        completion_confidence=row["completion_confidence"],
        explicit_acceptance=row["explicit_acceptance"],
        goal_completed_at=row["goal_completed_at"],
        rationale=row["rationale"],
    )


def _outcome_row(outcome: Outcome) -> Values:
    return {
        "goal_complete": outcome.goal_complete,
        "completion_confidence": outcome.completion_confidence,
        "explicit_acceptance": outcome.explicit_acceptance,
        "goal_completed_at": outcome.goal_completed_at,
        "rationale": outcome.rationale,
    }


def _rework(row: Row) -> Rework | None:
    if row["rework_kind"] is None:
        return None
    return Rework(ReworkKind(row["rework_kind"]), row["reworked_by_id"], row["reworked_at"])


def _rework_row(undone: Rework | None) -> Values:
    return {
        "rework_kind": undone and undone.kind,
        "reworked_by_id": undone and undone.by,
        "reworked_at": undone and undone.detected_at,
    }


def _appeal(row: Row) -> Appeal | None:
    if row["appealed_at"] is None:
        return None
    return Appeal(row["goal_complete"], row["appeal_reason"], row["appealed_at"], row["judged_goal_complete"])


def _appeal_row(appeal: Appeal | None) -> Values:
    """The developer's word is the outcome's."""
    return {
        "judged_goal_complete": appeal and appeal.judged_goal_complete,
        "appeal_reason": appeal and appeal.reason,
        "appealed_at": appeal and appeal.at,
    }


def flag_from(row: Row) -> Flag:
    return Flag(
        id=row["id"],
        kind=FlagKind(row["kind"]),
        sub_session_id=SubSessionId(row["sub_session_id"]),
        created_at=row["created_at"],
        severity=row["severity"],
        detail=row["detail"],
        event_ids=tuple(row["event_ids"]),
    )


def flag_row(org_id: OrgId, arc: SubSession, flag: Flag) -> Values:
    return {
        "org_id": org_id,
        "id": flag.id,
        "user_id": arc.user_id,
        "session_id": arc.session_id,
        "sub_session_id": arc.id,
        "kind": flag.kind,
        "created_at": flag.created_at,
        "severity": flag.severity,
        "detail": flag.detail,
        "event_ids": list(flag.event_ids),
    }


def file_from(row: Row) -> FileEdits:
    """A file with the digests of its lines where the row has them."""
    return FileEdits(
        path=row["path"],
        lines_added=row["lines_added"],
        lines_removed=row["lines_removed"],
        created=row["created"],
        deleted=row["deleted"],
        restored=row["restored"],
        added_lines=frozenset(row.get("added_lines", ())),
        removed_lines=frozenset(row.get("removed_lines", ())),
    )


def file_row(org_id: OrgId, arc: SubSession, file: FileEdits) -> Values:
    return {
        "org_id": org_id,
        "sub_session_id": arc.id,
        "path": file.path,
        "user_id": arc.user_id,
        "session_id": arc.session_id,
        "lines_added": file.lines_added,
        "lines_removed": file.lines_removed,
        "created": file.created,
        "deleted": file.deleted,
        "restored": file.restored,
        "added_lines": sorted(file.added_lines),
        "removed_lines": sorted(file.removed_lines),
    }
