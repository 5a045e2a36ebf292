"""What is asked of both: a query as callers send it, and the SQL that a person would write for DuckDB."""

from dataclasses import dataclass

from domain.values import JsonObject, JsonValue

STEPS = ("prompt", "edit", "commit")
_RANGE: JsonObject = {"date_from": "-179d"}


@dataclass(frozen=True, slots=True)
class Question:
    """`most`: the ratio that may not be exceeded, where there is a target. `$org` and `$since` are bound for DuckDB."""

    name: str
    query: JsonObject
    duck: str
    most: float | None = None


def _node(event: str | None, **more: JsonValue) -> JsonObject:
    return {"kind": "EventsNode", "event": event, **more}


_OF_ORG = "FROM events WHERE org_id = $org AND ts >= $since"

_TREND_EVENTS = ("prompt", "edit", "test_passed", "commit")
_TRENDS = Question(
    "trends: 4 events by day, and their developers",
    {
        "kind": "TrendsQuery",
        "series": [_node(event, math=math) for event in _TREND_EVENTS for math in ("total", "dau")],
        "interval": "day",
        "dateRange": _RANGE,
    },
    f"SELECT date_trunc('day', ts)::DATE AS day, event, count(*), count(DISTINCT user_id) {_OF_ORG}"
    f" AND event IN {_TREND_EVENTS} GROUP BY ALL",
    3.0,
)
_FILTERED = Question(
    "trends: median duration of edits by model, by week",
    {
        "kind": "TrendsQuery",
        "series": [_node("edit", math="median", math_property="duration_ms")],
        "interval": "week",
        "dateRange": _RANGE,
        "breakdownFilter": {"breakdown": "model", "breakdown_type": "event"},
    },
    "SELECT date_trunc('week', ts)::DATE AS week, model, median(duration_ms)"
    f" {_OF_ORG} AND event = 'edit' GROUP BY ALL",
    3.0,
)
_FUNNEL = Question(
    "funnel: prompt, edit, commit within a day",
    {
        "kind": "FunnelsQuery",
        "series": [_node(event) for event in STEPS],
        "dateRange": _RANGE,
        "funnelsFilter": {"funnelWindowInterval": 1, "funnelWindowIntervalUnit": "day"},
    },
    f"""
    WITH e AS (
        SELECT user_id, ts, ordinal, event, CASE WHEN event = 'prompt' THEN ts END AS t1 {_OF_ORG}
        AND event IN {STEPS}
    ), second AS (
        SELECT *, max(t1) OVER w AS s2 FROM e WINDOW w AS (PARTITION BY user_id ORDER BY ts, ordinal)
    ), third AS (
        SELECT *, CASE WHEN event = 'edit' AND ts <= s2 + INTERVAL 1 DAY THEN s2 END AS r2 FROM second
    ), last AS (
        SELECT *, max(r2) OVER w AS s3 FROM third WINDOW w AS (PARTITION BY user_id ORDER BY ts, ordinal)
    ), reached AS (
        SELECT user_id, max(CASE WHEN event = 'commit' AND ts <= s3 + INTERVAL 1 DAY THEN 3
            WHEN r2 IS NOT NULL THEN 2 WHEN t1 IS NOT NULL THEN 1 ELSE 0 END) AS step FROM last GROUP BY user_id
    )
    SELECT count(*) FILTER (step >= 1), count(*) FILTER (step >= 2), count(*) FILTER (step >= 3) FROM reached
    """,
    3.0,
)
_RETENTION = Question(
    "retention: developers by week",
    {
        "kind": "RetentionQuery",
        "retentionFilter": {
            "period": "Week",
            "totalIntervals": 26,
            "retentionType": "retention_recurring",
            "targetEntity": {"id": "prompt", "type": "events"},
            "returningEntity": {"id": "prompt", "type": "events"},
        },
        "dateRange": _RANGE,
    },
    f"""
    WITH weeks AS (SELECT DISTINCT user_id, date_trunc('week', ts)::DATE AS week {_OF_ORG} AND event = 'prompt')
    SELECT a.week, date_diff('week', a.week, b.week) AS later, count(*)
    FROM weeks a JOIN weeks b ON a.user_id = b.user_id AND b.week >= a.week GROUP BY ALL
    """,
    3.0,
)
_LIFECYCLE = Question(
    "lifecycle: developers by week",
    {"kind": "LifecycleQuery", "series": [_node("prompt")], "interval": "week", "dateRange": _RANGE},
    f"""
    WITH weeks AS (SELECT DISTINCT user_id, date_trunc('week', ts)::DATE AS week {_OF_ORG} AND event = 'prompt'),
    told AS (SELECT week, lag(week) OVER w AS before, lead(week) OVER w AS after FROM weeks
        WINDOW w AS (PARTITION BY user_id ORDER BY week))
    SELECT week, count(*) FILTER (before IS NULL), count(*) FILTER (before = week - INTERVAL 7 DAY),
        count(*) FILTER (before < week - INTERVAL 7 DAY),
        count(*) FILTER (after IS NULL OR after > week + INTERVAL 7 DAY)
    FROM told GROUP BY week
    """,
)
_STICKINESS = Question(
    "stickiness: developers by days of commits",
    {"kind": "StickinessQuery", "series": [_node("commit")], "interval": "day", "dateRange": _RANGE},
    "WITH days AS (SELECT user_id, count(DISTINCT date_trunc('day', ts)) AS days"
    f" {_OF_ORG} AND event = 'commit' GROUP BY user_id) SELECT days, count(*) FROM days GROUP BY days",
)
_PATHS = Question(
    "paths: five steps of a month",
    {"kind": "PathsQuery", "pathsFilter": {"stepLimit": 5, "edgeLimit": 50}, "dateRange": {"date_from": "-29d"}},
    """
    WITH e AS (SELECT user_id, event, ts, ordinal, lag(ts) OVER w AS before, lag(event) OVER w AS last
        FROM events WHERE org_id = $org AND ts >= $month WINDOW w AS (PARTITION BY user_id ORDER BY ts, ordinal)),
    runs AS (SELECT *, count(*) FILTER (before IS NULL OR ts > before + INTERVAL 30 MINUTE) OVER w AS run FROM e
        WINDOW w AS (PARTITION BY user_id ORDER BY ts, ordinal)),
    kept AS (SELECT * FROM runs WHERE last IS NULL OR last <> event OR ts > before + INTERVAL 30 MINUTE),
    steps AS (SELECT *, row_number() OVER w AS step, lead(event) OVER w AS target FROM kept
        WINDOW w AS (PARTITION BY user_id, run ORDER BY ts, ordinal))
    SELECT step, event, target, count(*) FROM steps WHERE step < 5 AND target IS NOT NULL GROUP BY ALL
    ORDER BY 4 DESC LIMIT 50
    """,
)
QUESTIONS = (_TRENDS, _FILTERED, _FUNNEL, _RETENTION, _LIFECYCLE, _STICKINESS, _PATHS)
