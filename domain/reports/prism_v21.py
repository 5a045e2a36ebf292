"""The report of an organisation under v2.1, as it goes over the wire: the composite of its developers together."""

from domain.languages import Phrases
from domain.reports.document import Document
from domain.reports.facts import Facts
from domain.reports.prism import number, shared, shown_prompt_without
from domain.reports.prose import Prose
from domain.reports.wording import HABITS, TIPS
from domain.scores.composite import Composite
from domain.times import rfc3339
from domain.values import JsonObject, JsonValue

_COACHED = 3


def payload(facts: Facts, prose: Prose, document: Document, say: Phrases, written_by: JsonObject) -> JsonObject:
    """Domain reference, section 17.3; without id, scope, times of the row, and links."""
    now, series = facts.composite, facts.composites
    return {
        **shared(facts, prose, document, say, written_by),
        "skillSnapshot": None if now is None or now.skill is None else _snapshot(now, now.skill),
        "skillTrend": [_trend(one) for one in series if one.skill is not None],
        "sseSeries": [{"periodStart": rfc3339(one.period.start), "value": number(one.sse)} for one in series],
        "metricSparklines": _sparklines(series),
        "pesRubricSnapshot": _rubric(now),
        "prismProfile": _profile(facts, say),
        "howYouUseCc": {"stats": _usage(facts)},
    }


def _snapshot(now: Composite, skill: float) -> JsonObject:
    return {
        "skill": skill,
        "skillTier": now.skill_tier,
        "speedHours": number(now.speed_hours),
        "efficiencyTokensPerHour": number(now.tokens_per_hour),
        "sse": number(now.sse),
        "pes": number(now.pes),
        "ie": number(now.ie),
        "crr": number(now.crr),
        "fc": number(now.fc),
        "qr": number(now.qr),
        "prism": number(now.prism),
        "letterGrade": now.letter_grade,
        "developers": now.developer_count,
    }


def _trend(one: Composite) -> JsonObject:
    return {"periodStart": rfc3339(one.period.start), "skill": number(one.skill), "skillTier": one.skill_tier}


def _sparklines(series: tuple[Composite, ...]) -> JsonObject:
    """The values of each metric in the period and those before it, the oldest first."""
    values = {
        "IE": [number(one.ie) for one in series],
        "CRR": [number(one.crr) for one in series],
        "FC": [number(one.fc) for one in series],
        "RLR": [number(one.rlr) for one in series],
        "QR": [number(one.qr) for one in series],
    }
    return {name: {"value": list(found)} for name, found in values.items()}


def _rubric(now: Composite | None) -> JsonObject | None:
    if now is None or now.rubric is None:
        return None
    marks = now.rubric
    return {
        "clAvg": marks.context_leverage,
        "idAvg": marks.information_density,
        "teAvg": marks.turn_economy,
        "acAvg": marks.ambiguity_cost,
    }


def _profile(facts: Facts, say: Phrases) -> JsonObject:
    now = facts.composite
    coached = [one for one in facts.habits if one.shown < one.applicable][:_COACHED]
    coaching: list[JsonValue] = [
        {
            "dimension": one.habit,
            "label": say.say(HABITS[one.habit]),
            "tip": say.say(TIPS[one.habit]),
            "exampleBefore": shown_prompt_without(facts, one.habit),
            "exampleAfter": None,
        }
        for one in coached
    ]
    return {
        "compositeScore": None if now is None else number(now.prism),
        "proficiencyLevel": None if now is None else now.skill_tier,
        "dimensions": _dimensions(now),
        "coaching": coaching,
    }


def _dimensions(now: Composite | None) -> list[JsonValue]:
    if now is None:
        return []
    values = {"sse": now.sse, "pes": now.pes, "ie": now.ie, "crr": now.crr, "fc": now.fc}
    return [{"dimension": name.upper(), "score": number(value)} for name, value in values.items()]


def _usage(facts: Facts) -> JsonObject:
    now, activity = facts.composite, facts.activity
    return {
        "firstTryRate": None if now is None else number(now.first_try_rate),
        "avgTurnsPerSession": round(activity.prompts / activity.sessions, 2) if activity.sessions else None,
        "medianResponseTimeSecs": None if now is None else number(now.response_seconds),
        "multiClaudingEvents": activity.overlaps,
    }
