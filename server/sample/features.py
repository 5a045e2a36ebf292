"""Stories about new features."""

from datetime import time

from server.sample.story import FERRYBOOK, TIDETABLE, Bash, Clear, Edit, Prompt, Read, Story, Write, reply

_CHART = """import { line } from "d3-shape";
import { height, width } from "./layout";

export interface Reading { at: Date; metres: number }

export function tidePath(readings: Reading[]): string {
  const x = (r: Reading) => (r.at.getUTCHours() / 24) * width;
  const y = (r: Reading) => height - r.metres * 20;
  return line<Reading>(x, y)(readings) ?? "";
}
"""

_CHART_TEST = """import { expect, test } from "vitest";
import { tidePath } from "../src/chart";

test("no readings give no path", () => {
  expect(tidePath([])).toBe("");
});
"""

LOW_WATER = Story(
    key="low-water",
    title="Mark low water in the tide chart",
    cwd=TIDETABLE,
    days_ago=2,
    at=time(15, 15),
    branch="low-water",
    files={"src/chart.ts": _CHART, "test/chart.test.ts": _CHART_TEST},
    steps=(
        Prompt(
            "Add a low water marker to the tide chart: a function lowWater(readings) in src/chart.ts that returns "
            "the lowest reading of the day, or undefined without readings, with tests in test/chart.test.ts. "
            "Propose a plan first."
        ),
        reply(Read("src/chart.ts"), Read("test/chart.test.ts")),
        reply(
            "Plan:\n1. `lowWater(readings)` in src/chart.ts, a reduce over the readings; the first of two equal "
            "ones wins.\n2. Tests: none, one, several, two equal.\n3. Run vitest."
        ),
        Prompt("ok, do it", after_s=150),
        reply(
            Edit(
                "src/chart.ts",
                "export function tidePath",
                "/** The lowest reading, the first of equal ones; undefined without readings. */\n"
                "export function lowWater(readings: Reading[]): Reading | undefined {\n"
                "  return readings.reduce<Reading | undefined>(\n"
                "    (low, r) => (low === undefined || r.metres < low.metres ? r : low),\n"
                "    undefined,\n"
                "  );\n"
                "}\n\n"
                "export function tidePath",
            ),
            Edit(
                "test/chart.test.ts",
                'import { tidePath } from "../src/chart";\n',
                'import { lowWater, tidePath } from "../src/chart";\n\n'
                "const at = (hour: number, metres: number) => ({ at: new Date(Date.UTC(2026, 5, 1, hour)), metres "
                "});\n",
            ),
        ),
        reply("`lowWater()` stands in src/chart.ts. The tests come next, the builder for readings is there already."),
        Clear(after_s=70),
        Prompt(
            "Go on with the low water marker: write the tests for lowWater() in test/chart.test.ts and let tidePath "
            "in src/chart.ts use the minutes as well, the curve has steps. Run vitest at the end.",
            after_s=45,
        ),
        reply(Read("src/chart.ts"), Read("test/chart.test.ts")),
        reply(
            Edit(
                "src/chart.ts",
                "(r.at.getUTCHours() / 24) * width",
                "((r.at.getUTCHours() + r.at.getUTCMinutes() / 60) / 24) * width",
            ),
            Edit(
                "test/chart.test.ts",
                'test("no readings give no path"',
                'test("low water of a day", () => {\n'
                "  expect(lowWater([])).toBeUndefined();\n"
                "  expect(lowWater([at(3, 0.4)])?.metres).toBe(0.4);\n"
                "  expect(lowWater([at(3, 0.4), at(9, 0.1), at(15, 0.6)])?.metres).toBe(0.1);\n"
                "});\n\n"
                'test("the first of two equal lows wins", () => {\n'
                "  expect(lowWater([at(3, 0.2), at(15, 0.2)])?.at.getUTCHours()).toBe(3);\n"
                "});\n\n"
                'test("no readings give no path"',
            ),
        ),
        reply(
            Bash(
                "npx vitest run",
                "Run the tests",
                " Test Files  4 passed (4)\n      Tests  19 passed (19)",
                seconds=5,
            ),
        ),
        reply("Done: two tests for `lowWater()`, and the curve follows the minutes now. All 19 tests pass."),
        Prompt("looks good, commit it please", after_s=280),
        reply(
            Bash(
                'git commit -am "Mark low water in the chart"',
                "Commit the marker",
                "[low-water <commit:low-water>] Mark low water in the chart\n 2 files changed, 22 insertions(+), 2 "
                "deletions(-)",
            ),
        ),
        reply("Committed as <commit:low-water> on low-water."),
    ),
)
"""A feature over a `/clear`: the person goes on with the same files two minutes later, so it is one goal."""

PLACEHOLDER_KEY_ID = "AKIA" + "FERRYBOOKDEMO123"
PLACEHOLDER_SECRET = "notAReal" + "Key/FerrybookDemo+Sample42AAAAAA"
"""Shaped like credentials of a cloud, and nobody's: the demo shows that they are redacted."""

_EXPORT = '''"""Bookings of a day as CSV, for the accountants."""

import csv
import io
from collections.abc import Iterable

from ferrybook.models import Booking

HEADER = ("booking", "crossing", "customer", "price")


def bookings_csv(bookings: Iterable[Booking]) -> str:
    """One line per booking in the order given, after the header."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for booking in bookings:
        writer.writerow((booking.id, booking.crossing_id, booking.customer_id, booking.price))
    return out.getvalue()


def object_name(day: str) -> str:
    return f"bookings/{day}.csv"
'''

_EXPORT_TEST = """from ferrybook.export import bookings_csv, object_name
from tests.make import booking


def test_header_and_one_line():
    text = bookings_csv([booking(id=7, price="14.50")])
    assert text == "booking,crossing,customer,price\\n7,1,1,14.50\\n"


def test_a_day_without_bookings_is_only_the_header():
    assert bookings_csv([]).count("\\n") == 1


def test_object_name():
    assert object_name("2026-06-01") == "bookings/2026-06-01.csv"
"""

NIGHTLY_EXPORT = Story(
    key="nightly-export",
    title="Add a nightly CSV export of bookings",
    cwd=FERRYBOOK,
    days_ago=0,
    at=time(13, 30),
    branch="nightly-export",
    files={},
    steps=(
        Prompt(
            "Add a nightly export: a new file ferrybook/export.py with bookings_csv(bookings) that returns a header "
            "line and one line per booking, so that the job can upload it as bookings/<day>.csv. Only that file and "
            "tests/test_export.py, no new dependency. Plan first, and run the tests at the end.\n\n"
            f"For the upload I will try it with\nAWS_ACCESS_KEY_ID={PLACEHOLDER_KEY_ID}\n"
            f"AWS_SECRET_ACCESS_KEY={PLACEHOLDER_SECRET}"
        ),
        reply(
            Bash(
                "ls ferrybook tests",
                "See the layout",
                "ferrybook:\nbooking.py\nmodels.py\nprices.py\n\ntests:\nmake.py",
            ),
            Bash("grep -n 'def booking' -A4 tests/make.py", "See the builder", "9:def booking(id=1, price='9.00'):"),
        ),
        reply(
            "Plan:\n1. `bookings_csv()` with the csv module, and `object_name()` for the place of the file.\n"
            "2. Tests for the header with one line, for a day without bookings, and for the name.\n"
            "3. The upload stays out of this file; the credentials belong into the environment of the job, so I "
            "leave them out of the code."
        ),
        reply(Write("ferrybook/export.py", _EXPORT), Write("tests/test_export.py", _EXPORT_TEST)),
        reply(
            Bash(
                "python -m pytest tests/test_export.py -q",
                "Run the export tests",
                "FAILED tests/test_export.py::test_header_and_one_line - AssertionError: assert "
                "'...price\\r\\n7,...' == '...price\\n7,...'\n1 failed, 2 passed in 0.05s",
                exit_code=1,
            ),
        ),
        reply(
            "The csv module ends lines with CRLF by default. I'll ask it for a plain newline.",
            Edit("ferrybook/export.py", "csv.writer(out)", 'csv.writer(out, lineterminator="\\n")'),
            Bash("python -m pytest -q", "Run the whole suite", "." * 45 + "\n45 passed in 1.35s", seconds=4),
        ),
        reply(
            "`ferrybook/export.py` holds `bookings_csv()` and `object_name()`, with three tests. All 45 tests pass. "
            "The credentials are nowhere in the code."
        ),
        Prompt("I tried it with yesterday's bookings: works, thanks! Please commit.", after_s=780),
        reply(
            Bash(
                'git add -A && git commit -m "Export the bookings of a day as CSV"',
                "Commit the export",
                "[nightly-export <commit:nightly-export>] Export the bookings of a day as CSV\n 2 files changed, 38 "
                "insertions(+)",
            ),
        ),
        reply("Committed as <commit:nightly-export> on nightly-export."),
    ),
)
"""A feature that the person tries and accepts; the prompt holds credentials."""
