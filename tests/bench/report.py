"""The figures as a table, for the terminal and for docs/performance.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from tests.bench.checks import Checked
from tests.bench.measure import Measured, percentile


@dataclass(frozen=True, slots=True)
class Result:
    checked: Checked
    measured: Measured


_HEADINGS = (
    "workload", "face", "ratio", "(spread)", "CPU ms", "floor", "PG ms", "floor", "p50 ms", "p95 ms", "floor p50",
    "SQL", "tx", "KB",
)  # fmt: skip


def table(results: Sequence[Result]) -> str:
    """Markdown that is also easy to read as it is."""
    rows = [_HEADINGS, *map(_row, results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = ["| " + " | ".join(_padded(row, widths)) + " |" for row in rows]
    rule = "|" + "|".join("-" * (width + 1) + (":" if column > 1 else "-") for column, width in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        text.ljust(width) if column < 2 else text.rjust(width)
        for column, (text, width) in enumerate(zip(row, widths, strict=True))
    ]


def _row(result: Result) -> tuple[str, ...]:
    subject, floor = result.measured.subject, result.measured.floor
    asked, answer = result.checked.workload, result.checked.answer
    ratios = result.measured.ratios
    walls = [1000 * seconds for turn in subject for seconds in turn.walls]
    floor_walls = [1000 * seconds for turn in floor for seconds in turn.walls]
    return (
        asked.name,
        asked.face,
        f"{median(ratios):.1f}",
        f"{min(ratios):.1f}-{max(ratios):.1f}",
        f"{median(turn.server_ms for turn in subject):.2f}",
        f"{median(turn.server_ms for turn in floor):.2f}",
        f"{median(turn.postgres_ms for turn in subject):.2f}",
        f"{median(turn.postgres_ms for turn in floor):.2f}",
        f"{median(walls):.1f}",
        f"{percentile(walls, 95):.1f}",
        f"{median(floor_walls):.1f}",
        str(answer.statements),
        str(len(answer.transactions)),
        f"{len(answer.body) / 1000:.1f}",
    )
