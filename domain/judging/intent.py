"""What a developer wanted: one of eight intents, how sure that is, and the prompts it rests on.

Cues in the prompts vote and what happened in the arc weighs the votes (domain reference, sections 7.4 and 7.5).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.judging.arcs import Arc
from domain.judging.cues import CHANGING, CUES, VERBS, carries_out_plan, is_question, joined_verbs, request_verb
from domain.judging.records import Evidence, Intent
from domain.judging.text import Clause, clauses, has_error_text, prose, quote, without_links
from domain.judging.turns import Speech, Turn
from domain.judging.work import PROSE_SUFFIXES, Work
from domain.values import EventId

GOAL_WEIGHT = 3
"""The first request names the goal; later ones refine it."""
VERB_POINTS = 6
JOINED_POINTS = 3
CUE_POINTS = 2
OPENING_CLAUSES = 6
MOST_CLAUSES = 60
LATE_DIVISOR = 3
"""Beyond its opening a prompt mostly explains: a vote there counts a third."""
SMALL_NET_LOC = 20
SMALL_FILES = 2
SMALL_CHURN = 60
"""A net of few lines is not small when many were replaced."""
SIZED = (Intent.SMALL_CHANGE, Intent.FEATURE)
"""The same words ask for both; the size of what was done tells them apart."""
_RANK = {
    intent: rank
    for rank, intent in enumerate(
        (
            Intent.QUESTION,
            Intent.INVESTIGATION,
            Intent.PLAN,
            Intent.REVIEW,
            Intent.SMALL_CHANGE,
            Intent.REFACTOR,
            Intent.FEATURE,
            Intent.BUG_FIX,
        )
    )
}
"""Breaks ties towards the intent of which more is demanded."""
DEEDS_ONLY = 0.5
"""Confidence of an intent read from deeds alone, because no cue of ours was in the prompts."""


@dataclass(frozen=True, slots=True)
class Vote:
    intent: Intent
    points: int
    event_id: EventId
    quote: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The intent of an arc; None where nobody asked for anything. `confidence` is in [0.5, 1]."""

    intent: Intent | None
    confidence: float | None
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Deeds:
    """What was done in the arc, as far as it tells intents apart.

    `small` and `big` are both false where lines are unknown, as after edits by shell commands. `papers`: only
    documents were edited.
    """

    mutated: bool
    edited: bool
    small: bool
    big: bool
    papers: bool

    @classmethod
    def of(cls, arc: Arc, work: Work) -> "Deeds":
        measures = arc.measures
        churn = measures.lines_added + measures.lines_removed
        small = len(arc.files) <= SMALL_FILES and measures.net_loc < SMALL_NET_LOC and churn <= SMALL_CHURN
        paths = [arc.events[i].path for i in work.edits]
        papers = bool(paths) and all(path is not None and path.lower().endswith(PROSE_SUFFIXES) for path in paths)
        edited = churn > 0 or bool(work.edits)
        return cls(measures.mutating_tool_calls > 0, edited, churn > 0 and small, churn > 0 and not small, papers)


def read_intent(arc: Arc, turns: Sequence[Turn], work: Work) -> Reading:
    """The intent of `arc` with its user turns and work. Chatter, meta talk, continuations and callbacks do not vote."""
    requests = [turn for turn in turns if turn.speech is Speech.REQUEST]
    if not requests:
        return Reading(None, None, ())
    deeds = Deeds.of(arc, work)
    votes = [vote for i, turn in enumerate(requests) for vote in votes_of(turn, GOAL_WEIGHT if i == 0 else 1)]
    scores = weigh(_total(votes), deeds)
    if not scores:
        return _from_deeds(deeds, requests[0])
    ranked = sorted(scores, key=lambda intent: (scores[intent], _RANK[intent]), reverse=True)
    top = ranked[0]
    second = scores[ranked[1]] if len(ranked) > 1 else 0
    return Reading(top, round(scores[top] / (scores[top] + second), 4), _evidence(top, votes))


def votes_of(turn: Turn, weight: int = 1) -> list[Vote]:
    """The votes of one prompt: each kind of cue counts once for each intent."""
    best: dict[tuple[Intent, str], Vote] = {}
    for i, clause in enumerate(clauses(without_links(prose(turn.text)))[:MOST_CLAUSES]):
        for intent, kind, points in _cues(clause):
            late = 1 if i < OPENING_CLAUSES else LATE_DIVISOR
            vote = Vote(intent, weight * points // late, turn.prompt.id, quote(clause.text))
            if vote.points > (best[intent, kind].points if (intent, kind) in best else 0):
                best[intent, kind] = vote
    if has_error_text(turn.text):
        best[Intent.BUG_FIX, "log"] = Vote(Intent.BUG_FIX, weight * CUE_POINTS, turn.prompt.id, quote(turn.text))
    carried_out = carries_out_plan(turn.text)
    return [vote for vote in best.values() if not (carried_out and vote.intent is Intent.PLAN)]


def weigh(scores: Mapping[Intent, int], deeds: Deeds) -> dict[Intent, int]:
    """Scores after looking at the deeds, those above zero only."""
    share = _shares(deeds)
    weighed = Counter({intent: points * share.get(intent, 100) for intent, points in scores.items()})
    change, feature = weighed[Intent.SMALL_CHANGE], weighed[Intent.FEATURE]
    if deeds.small:
        weighed[Intent.SMALL_CHANGE] = change + feature + weighed[Intent.REFACTOR] // 2
        weighed[Intent.FEATURE] = feature // 3
    elif deeds.big:
        weighed[Intent.FEATURE] = feature + change
        weighed[Intent.SMALL_CHANGE] = 0
    return {intent: points for intent, points in weighed.items() if points > 0}


def _shares(deeds: Deeds) -> dict[Intent, int]:
    """How much of its votes, in percent, an intent keeps in the light of the deeds; 100 where it is not named."""
    if not deeds.mutated and not deeds.edited:
        return dict.fromkeys(CHANGING, 50)
    if not deeds.edited:
        return {Intent.QUESTION: 50, Intent.PLAN: 75}
    if deeds.papers:
        return {Intent.QUESTION: 0}
    talk = 25 if deeds.big else 50
    return {Intent.QUESTION: 0, Intent.INVESTIGATION: talk, Intent.REVIEW: talk, Intent.PLAN: talk}


def _cues(clause: Clause) -> Iterator[tuple[Intent, str, int]]:
    verb = request_verb(clause.text)
    asked = is_question(clause)
    if asked:
        yield Intent.QUESTION, "verb", VERB_POINTS
    elif verb is not None:
        yield VERBS[verb], "verb", VERB_POINTS
    if verb is not None:
        yield from ((VERBS[joined], "joined", JOINED_POINTS) for joined in joined_verbs(clause.text))
    yield from ((intent, "cue", CUE_POINTS) for intent, pattern in CUES.items() if pattern.search(clause.text))


def _total(votes: Sequence[Vote]) -> Counter[Intent]:
    total: Counter[Intent] = Counter()
    for vote in votes:
        total[vote.intent] += vote.points
    return total


def _from_deeds(deeds: Deeds, goal: Turn) -> Reading:
    """The best guess for a request in words we do not know, for instance in another language."""
    if deeds.edited:
        intent = Intent.FEATURE if deeds.big else Intent.SMALL_CHANGE
    else:
        intent = Intent.QUESTION if "?" in goal.text or "？" in goal.text else Intent.INVESTIGATION
    return Reading(intent, DEEDS_ONLY, (Evidence("intent", intent, 0, (goal.prompt.id,), quote(goal.text)),))


def _evidence(intent: Intent, votes: Sequence[Vote]) -> tuple[Evidence, ...]:
    """The prompts that voted for `intent`; quoted is the strongest vote."""
    kin = SIZED if intent in SIZED else (intent,)
    cast = [vote for vote in votes if vote.intent in kin]
    if not cast:
        return ()
    strongest = max(cast, key=lambda vote: vote.points)
    ids = tuple(dict.fromkeys(vote.event_id for vote in cast))
    return (Evidence("intent", intent, 0, ids, strongest.quote),)
