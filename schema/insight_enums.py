"""The words of insights: what is counted, of whom, in which order, and how it is shown."""

from enum import StrEnum

from domain.insights.buckets import (
    Interval,
)
from domain.insights.plans import (
    Attribution,
    FunnelOrder,
    LifecycleStatus,
    Math,
    RetentionKind,
    Subject,
)
from domain.insights.query import InsightType
from schema.values import describe

describe(
    InsightType,
    "What kind of question an insight asks.",
    {
        "TRENDS": "How much of something there is over time.",
        "FUNNELS": "How many get from one step to the next.",
        "RETENTION": "How many come back.",
        "PATHS": "What follows what.",
        "LIFECYCLE": "Who is new, stays, comes back or falls silent.",
        "STICKINESS": "How regularly something is done.",
        "SQL": "A statement over the documented views.",
        "JSON": "Something that is stored and not computed here.",
    },
)
describe(
    Math,
    "How events become a number.",
    {
        "total": "Each one counts.",
        "dau": "Distinct subjects.",
        "weekly_active": "Distinct subjects of the seven days up to the end of each bucket.",
        "monthly_active": "Distinct subjects of the thirty days up to the end of each bucket.",
        "unique_session": "Distinct sessions.",
        "first_time_for_user": "Subjects who do it for the first time ever.",
        "sum": "All values of a property together.",
        "avg": "The mean of a property.",
        "median": "The value in the middle.",
        "min": "The least value.",
        "max": "The greatest value.",
        "p75": "75 of 100 values are not above it.",
        "p90": "90 of 100 values are not above it.",
        "p95": "95 of 100 values are not above it.",
        "p99": "99 of 100 values are not above it.",
    },
    name="InsightMath",
)
describe(
    Subject,
    "Whose events belong together.",
    {"developer": "Each developer's.", "session": "Those of one session.", "arc": "Those of one goal arc."},
    name="InsightSubject",
)
describe(
    Interval,
    "How time is cut into buckets, in the caller's time zone.",
    {
        "minute": "By the minute.",
        "hour": "By the hour.",
        "day": "From midnight to midnight.",
        "week": "From Monday on.",
        "month": "By the calendar month.",
    },
    name="InsightInterval",
)
describe(
    FunnelOrder,
    "In which order steps have to come.",
    {
        "ordered": "One after the other, anything between.",
        "strict": "One after the other, nothing between.",
        "unordered": "In whatever order.",
    },
)
describe(
    Attribution,
    "Which event says to which value of a breakdown somebody belongs.",
    {
        "first_touch": "The first one that has the property.",
        "last_touch": "The last one that has it.",
        "all_events": "Each of them, and all have to agree.",
        "step": "That of one step.",
    },
    name="FunnelAttribution",
)
describe(
    RetentionKind,
    "Which cohorts somebody is in.",
    {
        "retention_recurring": "That of each bucket in which they did it.",
        "retention_first_time": "That of the first target event ever; none if it lies before all cohorts.",
        "retention_first_ever_occurrence": (
            "That of the first event ever of the target's name; none if it lies before all cohorts or fails `where`."
        ),
    },
)
describe(
    LifecycleStatus,
    "How somebody stands in a bucket.",
    {
        "new": "Seen for the first time ever.",
        "returning": "Seen in the one before, too.",
        "resurrecting": "Seen before, but not in the one before.",
        "dormant": "Not seen after being seen in the one before.",
    },
)


class InsightOperator(StrEnum):
    """Names and values of the wire."""

    EXACT = "exact"
    IS_NOT = "is_not"
    CONTAINS = "icontains"
    NOT_CONTAINS = "not_icontains"
    REGEX = "regex"
    NOT_REGEX = "not_regex"
    GREATER = "gt"
    GREATER_OR_EQUAL = "gte"
    LESS = "lt"
    LESS_OR_EQUAL = "lte"
    BETWEEN = "between"
    NOT_BETWEEN = "not_between"
    SET = "is_set"
    NOT_SET = "is_not_set"
    ON_DATE = "is_date_exact"
    BEFORE_DATE = "is_date_before"
    AFTER_DATE = "is_date_after"


describe(
    InsightOperator,
    "How a property is compared with the given values.",
    {
        "exact": "It is one of them.",
        "is_not": "It is none of them.",
        "icontains": "It contains one, whatever the case.",
        "not_icontains": "It contains none, whatever the case.",
        "regex": "It matches the regular expression.",
        "not_regex": "It does not match the regular expression.",
        "gt": "It is greater.",
        "gte": "It is not less.",
        "lt": "It is less.",
        "lte": "It is not greater.",
        "between": "It lies between the two, which belong to it.",
        "not_between": "It lies outside of the two.",
        "is_set": "There is a value.",
        "is_not_set": "There is none.",
        "is_date_exact": "It is on that day, or at that moment.",
        "is_date_before": "It is before that day or moment.",
        "is_date_after": "It is after that day or moment.",
    },
)


class TrendsDisplay(StrEnum):
    """Names of the wire by what they look like."""

    LINE = "ActionsLineGraph"
    CUMULATIVE_LINE = "ActionsLineGraphCumulative"
    AREA = "ActionsAreaGraph"
    BAR = "ActionsBar"
    STACKED_BAR = "ActionsStackedBar"
    UNSTACKED_BAR = "ActionsUnstackedBar"
    NUMBER = "BoldNumber"
    PIE = "ActionsPie"
    VALUE_BAR = "ActionsBarValue"
    TABLE = "ActionsTable"


describe(
    TrendsDisplay,
    "How numbers are drawn; some draw one for the whole time.",
    {
        "ActionsLineGraph": "A line over time.",
        "ActionsLineGraphCumulative": "A line of all so far.",
        "ActionsAreaGraph": "Areas above each other.",
        "ActionsBar": "Bars over time.",
        "ActionsStackedBar": "Bars above each other.",
        "ActionsUnstackedBar": "Bars beside each other.",
        "BoldNumber": "One number for the whole time.",
        "ActionsPie": "Shares of the whole time.",
        "ActionsBarValue": "A bar for the whole time.",
        "ActionsTable": "Numbers for the whole time, in a table.",
    },
)


class FunnelView(StrEnum):
    """Names of the wire."""

    STEPS = "steps"
    TIME_TO_CONVERT = "time_to_convert"
    OVER_TIME = "trends"


describe(
    FunnelView,
    "What a funnel shows.",
    {
        "steps": "How many reach each step.",
        "time_to_convert": "How long they take.",
        "trends": "Which share converts, by when they began.",
    },
)


class FunnelWindowUnit(StrEnum):
    """Names of the wire."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


describe(
    FunnelWindowUnit,
    "What the time for a funnel is told in.",
    {
        "second": "So many seconds.",
        "minute": "So many minutes.",
        "hour": "So many hours.",
        "day": "So many days.",
        "week": "So many weeks.",
        "month": "So many months of 30 days.",
    },
)
