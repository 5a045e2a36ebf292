"""Insights for a team that starts today, as they would be saved by hand."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.insights.catalogue import EVENTS
from domain.values import JsonObject, JsonValue

TAG = "ready-made"
_ARC = 1
"""`aggregation_group_type_index` of goal arcs."""
_WORK = {
    *("prompt", "plan_mode", "edit", "test_passed", "test_failed", "build_passed", "build_failed"),
    *("commit", "push", "pull_request", "revert", "interruption", "arc_reworked"),
}
"""What people would tell of how a goal was worked on."""


@dataclass(frozen=True, slots=True)
class ReadyMade:
    name: str
    description: str
    query: JsonObject


def ready_made(agents: Sequence[str]) -> list[ReadyMade]:
    """The same for everybody, and how developers come and go with each agent where there is more than one."""
    each = [_lifecycle(agent) for agent in agents] if len(agents) > 1 else []
    return [_GOALS, _FUNNEL, _RETENTION, _PLAN_MODE, _REWORK, _lifecycle(None), *each]


def _node(event: str, **more: JsonValue) -> JsonObject:
    return {"kind": "EventsNode", "event": event, **more}


def _viz(source: JsonObject) -> JsonObject:
    return {"kind": "InsightVizNode", "source": source}


_GOALS = ReadyMade(
    "Share of goals that were crushed",
    "Of the goal arcs that were judged in a week, how many in a hundred reached their goal without being reworked.",
    _viz(
        {
            "kind": "TrendsQuery",
            "series": [_node("arc_crushed"), _node("arc_judged")],
            "trendsFilter": {"formula": "A / B * 100"},
            "interval": "week",
            "dateRange": {"date_from": "-12w"},
        }
    ),
)
_FUNNEL = ReadyMade(
    "From prompt to lasting change",
    "How many goal arcs get from a prompt to an edit, to green tests, to a commit, and are not reworked within 7 days.",
    _viz(
        {
            "kind": "FunnelsQuery",
            "series": [_node(event) for event in ("prompt", "edit", "test_passed", "commit", "arc_held")],
            "aggregation_group_type_index": _ARC,
            "funnelsFilter": {
                "funnelOrderType": "ordered",
                "funnelWindowInterval": 30,
                "funnelWindowIntervalUnit": "day",
            },
            "dateRange": {"date_from": "-60d"},
        }
    ),
)
_RETENTION = ReadyMade(
    "Developers who come back",
    "Of the developers who worked with an agent in a week, how many did so in each week after it.",
    _viz(
        {
            "kind": "RetentionQuery",
            "retentionFilter": {
                "period": "Week",
                "totalIntervals": 9,
                "retentionType": "retention_recurring",
                "targetEntity": {"id": "prompt", "type": "events"},
                "returningEntity": {"id": "prompt", "type": "events"},
            },
        }
    ),
)
_PLAN_MODE = ReadyMade(
    "How regularly plan mode is used",
    "On how many days of the last 30 developers had the agent plan before it changed anything.",
    _viz(
        {
            "kind": "StickinessQuery",
            "series": [_node("plan_mode")],
            "interval": "day",
            "dateRange": {"date_from": "-29d"},
        }
    ),
)
_REWORK = ReadyMade(
    "What goes before a rework",
    "The last steps of goal arcs that were undone or rewritten later.",
    _viz(
        {
            "kind": "PathsQuery",
            "pathsFilter": {
                "endPoint": "arc_reworked",
                "stepLimit": 6,
                "edgeLimit": 40,
                "excludeEvents": list[JsonValue](sorted(EVENTS.keys() - _WORK)),
            },
            "aggregation_group_type_index": _ARC,
            "dateRange": {"date_from": "-60d"},
        }
    ),
)


def _lifecycle(agent: str | None) -> ReadyMade:
    source: JsonObject = {
        "kind": "LifecycleQuery",
        "series": [_node("prompt")],
        "interval": "week",
        "dateRange": {"date_from": "-12w"},
    }
    if agent is not None:
        source["properties"] = [{"type": "event", "key": "agent", "operator": "exact", "value": [agent]}]
    whose = "an agent" if agent is None else agent
    return ReadyMade(
        f"Developers who begin, stay and leave: {'all agents' if agent is None else agent}",
        f"By the week, who is new to {whose}, who goes on, who comes back and who stopped.",
        _viz(source),
    )
