"""The report of a developer under v3.0, as it goes over the wire: the score's own figures and what lies behind them."""

from domain.judging.records import Habit
from domain.languages import Phrases
from domain.reports.document import Document
from domain.reports.facts import Facts
from domain.reports.prism import arc_of, number, shared, worst_prompt
from domain.reports.prose import Prose
from domain.reports.wording import HABITS, TIPS
from domain.scores.board import Board
from domain.scores.headline import Headline
from domain.scores.skill import HabitShare
from domain.times import rfc3339
from domain.values import JsonObject


def payload(facts: Facts, prose: Prose, document: Document, say: Phrases, written_by: JsonObject) -> JsonObject:
    """Domain reference, section 17.4; without id, scope, times of the row, and links."""
    board, before = facts.board, facts.before
    return {
        **shared(facts, prose, document, say, written_by),
        "headline": {
            **_headline(board.headline),
            "previous": None if before is None else _headline(before.headline),
            "trend": [number(score) for score in facts.scores],
        },
        "speed": _speed(board),
        "tokens": _tokens(board),
        "skill": _skill(board),
        "integrity": _integrity(board),
        "trivia": _trivia(board),
        "wins": [arc_of(arc, say) for arc in facts.wins],
        "misses": [arc_of(arc, say) for arc in facts.misses],
        "worst_prompts": [worst_prompt(one) for one in facts.worst_prompts],
        "habits": [_habit(one, say) for one in facts.habits],
    }


def _headline(one: Headline) -> JsonObject:
    interval: JsonObject | None = None
    if one.interval is not None:
        interval = {"low": float(one.interval.low), "high": float(one.interval.high)}
    return {
        "window_start": rfc3339(one.window.start),
        "window_end": rfc3339(one.window.end),
        "prism_score": number(one.prism_score),
        "letter_grade": one.letter_grade,
        "personal_tier": one.personal_tier,
        "crushed_count": one.crushed_count,
        "total_count": one.total_count,
        "pending_count": one.pending_count,
        "crush_weight": number(one.crush_weight),
        "interval": interval,
        "too_few": one.too_few,
        "sparkline": [number(score) for score in one.sparkline],
    }


def _speed(board: Board) -> JsonObject:
    speed = board.speed
    return {
        "cspw": number(speed.cspw),
        "delta_cspw": number(speed.delta_cspw),
        "ttc_median_seconds": number(speed.ttc_median_seconds),
        "timed_count": speed.timed_count,
        "working_days": speed.working_days,
        "band": speed.band,
        "sparkline": [number(rate) for rate in speed.sparkline],
    }


def _tokens(board: Board) -> JsonObject:
    tokens = board.tokens
    return {
        "crush_weight": number(tokens.crush_weight),
        "tet": number(tokens.tet),
        "tpt": number(tokens.tpt),
        "tokens_per_turn": number(tokens.tokens_per_turn),
        "median_tokens_per_crush": number(tokens.median_tokens_per_crush),
        "cpcs_estimate": number(tokens.cpcs_estimate),
        "priced_count": tokens.priced_count,
        "lower_bound_count": tokens.lower_bound_count,
        "band": tokens.band,
        "sparkline": [number(weight) for weight in tokens.sparkline],
        "breakdown": {
            "input": tokens.breakdown.input,
            "output": tokens.breakdown.output,
            "cache_read": tokens.breakdown.cache_read,
            "cache_write": tokens.breakdown.cache_write,
        },
    }


def _skill(board: Board) -> JsonObject:
    skill = board.skill
    return {
        "apg": number(skill.apg),
        "delta_apg": number(skill.delta_apg),
        "graded_count": skill.graded_count,
        "per_boolean": {str(habit): number(skill.per_boolean[habit]) for habit in Habit},
        "worst_pillar": skill.worst_pillar,
        "pillars": {str(one.pillar): number(one.share) for one in skill.pillars},
        "band": skill.band,
    }


def _integrity(board: Board) -> JsonObject:
    found = board.integrity
    return {"total": found.total, "band": found.band, "by_kind": {str(one.key): one.count for one in found.by_kind}}


def _trivia(board: Board) -> JsonObject:
    found = board.trivia
    return {
        "count": found.total,
        "exclusion_rate": number(found.exclusion_rate),
        "by_reason": {str(one.key): one.count for one in found.by_reason},
    }


def _habit(one: HabitShare, say: Phrases) -> JsonObject:
    return {
        "habit": one.habit,
        "name": say.say(HABITS[one.habit]),
        "share": number(one.share),
        "shown": one.shown,
        "applicable": one.applicable,
        "tip": say.say(TIPS[one.habit]),
    }
