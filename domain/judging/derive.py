"""From the events of sessions to goal arcs, judged: the one way in which sub-sessions come about.

The same events give the same rows, in whatever order and however often they are given. Rework is found later, by
comparing arcs (domain reference, sections 4.4 and 9).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from domain.judging import commit_refs
from domain.judging.appeals import appealed
from domain.judging.arcs import RULESET_VERSION, Arc, LabelEdit, Rules, SessionLog
from domain.judging.by_hand import Edits, tied, ties
from domain.judging.heads import taken_back_from_head
from domain.judging.integrity import flags
from domain.judging.judge import Judge, Verdict
from domain.judging.labels import opening_label
from domain.judging.merging import arc_of, merge
from domain.judging.records import (
    Habit,
    JudgeStatus,
    Label,
    Outcome,
    Rubric,
    State,
    SubSession,
    TriviaReason,
)
from domain.judging.segmentation import segment
from domain.judging.substance import is_turn, passes_floor, trivia_reason
from domain.judging.turns import turns
from domain.timeline import Event, Kind
from domain.values import SubSessionId

NO_INTENT = "no intent established"

_UNJUDGED = Outcome(None, None, explicit_acceptance=False, goal_completed_at=None, rationale=None)
_FINAL = (JudgeStatus.OK, JudgeStatus.SKIPPED)


_NO_EDITS = Edits()


def derive(logs: Sequence[SessionLog], rules: Rules, judge: Judge, edits: Edits = _NO_EDITS) -> list[SubSession]:
    """All sub-sessions of these sessions of one developer, by start and id; fragments merged away included.

    To be complete, `logs` must hold every session whose fragments may be merged with one another (see
    `merging.joins`) or were joined by hand. `edits` are what people changed by hand: of several labels in one arc the
    first written wins, of several appeals the last (see `appeals`); cuts and joins go before the rules (see `by_hand`).
    """
    cuts = edits.shape.cut_at
    fragments = [fragment for log in logs for fragment in segment(log, rules, cuts)]
    pieces = [arc_of((fragment,)) for fragment in fragments]
    joined = tied(ties(fragments, edits.shape.joins))
    arcs = merge(pieces, joined)
    parents = {fragment.id: arc.id for arc in arcs for fragment in arc.fragments}
    from_head = {id: refs for log in logs for id, refs in taken_back_from_head(log.events).items()}
    rows = [
        replace(
            _row(arc, judge, edits),
            revert_refs=commit_refs.taken_back(arc.events, from_head),
            split_by_hand=arc.fragments[0].cut is not None,
            merged_by_hand=any(fragment.id in joined for fragment in arc.fragments),
        )
        for arc in arcs
    ]
    rows += [_merged_away(piece, parents[piece.id], edits.labels) for piece in pieces if parents[piece.id] != piece.id]
    return sorted(rows, key=lambda row: (row.started_at, row.id))


def _row(arc: Arc, judge: Judge, edits: Edits) -> SubSession:
    edit = _first_edit(arc, edits.labels)
    settled = appealed(_settled(arc, judge), arc, edits.appeals)
    labelled = replace(settled, label=edit) if edit else settled
    return labelled if arc.closed_at is None else replace(labelled, flags=flags(arc, labelled))


def _settled(arc: Arc, judge: Judge) -> SubSession:
    """The arc in its state: open (graded so far if it holds enough), excluded, or as judged."""
    passed = passes_floor(arc.measures)
    if arc.closed_at is None:
        opened = replace(_unjudged(arc), state=State.OPEN, substance_floor_passed=passed or None)
        return _previewed(opened, judge.judge(arc), judge.version) if passed else opened
    if not passed:
        excluded = replace(_unjudged(arc, JudgeStatus.SKIPPED), substance_floor_passed=False)
        return replace(excluded, state=State.EXCLUDED, excluded_reason=trivia_reason(arc.measures))
    closed = replace(_unjudged(arc), substance_floor_passed=True)
    return _judged(closed, judge.judge(arc), judge.version)


def _previewed(opened: SubSession, verdict: Verdict, version: str) -> SubSession:
    """An open arc has a grade so far, but no outcome, and its title stays that of its opening."""
    return replace(opened, rubric=verdict.rubric, evidence=verdict.evidence, judge_version=version)


def _judged(closed: SubSession, verdict: Verdict, version: str) -> SubSession:
    """A closed arc with its verdict. While a judgement is still to come (or failed), it stays closed and pending."""
    judged = replace(
        closed, rubric=verdict.rubric, label=verdict.label, evidence=verdict.evidence, judge_version=version
    )
    if judged.committed:
        state = State.CLOSED if verdict.outcome.goal_complete is None else State.SCORED
        return replace(judged, outcome=verdict.outcome, state=state)
    if verdict.rubric.judge_status not in _FINAL:
        return judged
    return replace(judged, state=State.EXCLUDED, excluded_reason=TriviaReason.OTHER, excluded_detail=NO_INTENT)


def _merged_away(piece: Arc, parent: SubSessionId, edits: Mapping[SubSessionId, LabelEdit]) -> SubSession:
    """A fragment that is part of another arc now: it keeps its extent and measures, and its label for an undoing."""
    row = replace(_unjudged(piece, JudgeStatus.SKIPPED), state=State.MERGED, merged_into_id=parent)
    return replace(
        row,
        label=_first_edit(piece, edits) or row.label,
        fragment_ids=(),
        prompt_ids=(),
        commit_refs=(),
        files=(),
    )


def _unjudged(arc: Arc, status: JudgeStatus = JudgeStatus.PENDING) -> SubSession:
    """Everything about the arc that needs no judge."""
    first = arc.fragments[0]
    prompts = [event for event in arc.events if event.kind is Kind.PROMPT and event.agent_id is None]
    return SubSession(
        id=arc.id,
        session_id=first.session_id,
        user_id=first.user_id,
        project=first.project,
        started_at=arc.started_at,
        ended_at=arc.closed_at,
        last_event_at=arc.events[-1].ts,
        state=State.CLOSED,
        close_reason=arc.close_reason,
        merged_into_id=None,
        fragment_ids=tuple(fragment.id for fragment in arc.fragments),
        measures=arc.measures,
        substance_floor_passed=None,
        excluded_reason=None,
        excluded_detail=None,
        rubric=Rubric(status, None, None, dict.fromkeys(Habit), None, None),
        outcome=_UNJUDGED,
        rework=None,
        label=opening_label(_opening_text(arc.events)),
        prompt_ids=tuple(event.id for event in prompts),
        commit_refs=commit_refs.made(arc.events),
        revert_refs=(),
        files=arc.files,
        evidence=(),
        first_prompt_at=next((event.ts for event in prompts if is_turn(event)), None),
        ruleset_version=RULESET_VERSION,
    )


def _opening_text(events: Sequence[Event]) -> str:
    return next((turn.text for turn in turns(events)), "")


def _first_edit(arc: Arc, edits: Mapping[SubSessionId, LabelEdit]) -> Label | None:
    """The label that a person wrote first for any fragment of the arc."""
    written = [(edits[fragment.id], fragment.id) for fragment in arc.fragments if fragment.id in edits]
    first = min(written, key=lambda one: (one[0].edited_at, one[1]), default=None)
    return first[0].label if first else None
