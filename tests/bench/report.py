"""The figures as a table, for the terminal and for docs/performance.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from tests.bench.checks import Checked
from tests.bench.live import Delivered
from tests.bench.measure import Measured, percentile
from tests.bench.storm import Beside, Taken
from tests.bench.targets import Target


@dataclass(frozen=True, slots=True)
class Result:
    checked: Checked
    measured: Measured


@dataclass(frozen=True, slots=True)
class Held:
    target: Target
    measured: Measured


_HEADINGS = (
    "workload", "face", "ratio", "(spread)", "CPU ms", "floor", "PG ms", "floor", "p50 ms", "p95 ms", "floor p50",
    "SQL", "tx", "KB",
)  # fmt: skip
_HELD_HEADINGS = (
    "workload", "beside", "most", "ratio", "(spread)", "PG ratio", "CPU ms", "beside", "PG ms", "beside",
)  # fmt: skip
_BESIDE_HEADINGS = (
    "taken in", "face", "ratio", "(spread)", "with PG", "CPU us", "floor", "PG us", "floor", "events/s", "floor",
)  # fmt: skip
_LIVE_HEADINGS = (
    "told at once", "face", "ratio", "(spread)", "CPU us", "floor", "p50 ms", "p95 ms", "floor p50", "floor p95",
    "bytes", "KB each", "floor",
)  # fmt: skip


def table(results: Sequence[Result]) -> str:
    return markdown([_HEADINGS, *map(_row, results)])


def held_table(results: Sequence[Held]) -> str:
    return markdown([_HELD_HEADINGS, *map(_held_row, results)])


def beside_table(results: Sequence[Beside], face: str) -> str:
    """Of single events; `with PG` is the ratio of what server and PostgreSQL spend together."""
    return markdown([_BESIDE_HEADINGS, *(_beside_row(one, face) for one in results)])


def _beside_row(result: Beside, face: str) -> tuple[str, ...]:
    turns = list(zip(result.ours, result.floor, strict=True))
    ratios = [ours.server_us / bare.server_us for ours, bare in turns]
    together = [(a.server_us + a.postgres_us) / (b.server_us + b.postgres_us) for a, b in turns]
    return (
        result.name,
        face,
        f"{median(ratios):.2f}",
        f"{min(ratios):.2f}-{max(ratios):.2f}",
        f"{median(together):.2f}",
        *(f"{median(one.server_us for one in side):.1f}" for side in (result.ours, result.floor)),
        *(f"{median(one.postgres_us for one in side):.1f}" for side in (result.ours, result.floor)),
        *(f"{median(one.per_second for one in side):,.0f}" for side in (result.ours, result.floor)),
    )


def import_line(taken: Taken) -> str:
    megabytes = taken.amount / 1e6
    return (
        f"imported {megabytes:.0f} MB: {megabytes / taken.seconds:.1f} MB a second;"
        f" {megabytes / taken.spent.server:.1f} for a second of this process's CPU,"
        f" {megabytes / taken.spent.postgres:.1f} for one of PostgreSQL's"
    )


def live_table(results: Sequence[Delivered]) -> str:
    return markdown([_LIVE_HEADINGS, *map(_live_row, results)])


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """Easy to read as it is, too. The first row names the columns, the first two columns are words."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
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


def _held_row(result: Held) -> tuple[str, ...]:
    measured, target = result.measured, result.target
    postgres = [ours.postgres_ms / max(other.postgres_ms, 0.001) for ours, other in measured.turns]
    return (
        target.workload.name,
        target.beside,
        "-" if target.most is None else f"{target.most:.1f}",
        f"{median(measured.ratios):.2f}",
        f"{min(measured.ratios):.2f}-{max(measured.ratios):.2f}",
        f"{median(postgres):.2f}",
        f"{median(turn.server_ms for turn in measured.subject):.2f}",
        f"{median(turn.server_ms for turn in measured.floor):.2f}",
        f"{median(turn.postgres_ms for turn in measured.subject):.2f}",
        f"{median(turn.postgres_ms for turn in measured.floor):.2f}",
    )


def _live_row(result: Delivered) -> tuple[str, ...]:
    """Of one delivery; memory is what each subscriber holds while nothing is told."""
    delays, floor_delays = ([1000 * s for turn in side for s in turn.delays] for side in (result.subject, result.floor))
    return (
        result.pace.name,
        result.face,
        f"{median(result.ratios):.1f}",
        f"{min(result.ratios):.1f}-{max(result.ratios):.1f}",
        f"{median(turn.cpu_us for turn in result.subject):.1f}",
        f"{median(turn.cpu_us for turn in result.floor):.1f}",
        f"{median(delays):.0f}",
        f"{percentile(delays, 95):.0f}",
        f"{median(floor_delays):.0f}",
        f"{percentile(floor_delays, 95):.0f}",
        f"{result.message_bytes:.0f}",
        *(f"{held / 1000:.0f}" for held in result.held),
    )
