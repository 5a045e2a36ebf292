"""Stories of the demo sample in `tidetable`, an invented page in TypeScript that shows the tides of a harbour."""

from datetime import time

from server.sample.transcript import Agent, Bash, Clear, Edit, Prompt, Read, Story, Write, reply

CWD = "/home/mara/code/tidetable"

_PACKAGE = """{
  "name": "tidetable",
  "scripts": { "build": "vite build", "test": "vitest run" },
  "dependencies": { "d3-shape": "^3.2.0", "tz-everything": "^2.0.1" },
  "devDependencies": { "vite": "^7.0.0", "vitest": "^3.0.0" }
}
"""

_STATIONS = """import { zones } from "tz-everything";
import raw from "./stations.json";

export interface Station { id: string; name: string; zone: string }

export const stations: Station[] = raw.map((row) => ({ ...row, zone: zones.byPlace(row.name).id }));
"""


def bundle_size() -> Story:
    """An investigation with a sub-agent that ends in a conclusion; nothing is changed."""
    return Story(
        key="bundle-size",
        title="Find out why the bundle doubled",
        cwd=CWD,
        days_ago=4,
        at=time(11, 5),
        files={"package.json": _PACKAGE, "src/stations.ts": _STATIONS},
        steps=(
            Prompt(
                "Investigate why the production bundle grew from 180 kB to 410 kB since release 1.8. Look only at src/ and "
                "package.json and do not change anything. I expect the file and the line that cause it."
            ),
            reply(
                "I'll build it and let a second pair of eyes go through the imports meanwhile.",
                Bash(
                    "npm run build",
                    "Build for production",
                    "dist/assets/index.js  410.22 kB | gzip: 131.80 kB",
                    seconds=9,
                ),
                Bash(
                    "git diff --stat v1.8..HEAD -- src package.json",
                    "Changes since 1.8",
                    " package.json | 1 +\n src/stations.ts | 3 +-",
                ),
                Agent(
                    "Find heavy imports",
                    "List every import in src/ that is not a relative path, with file and line, and say how large each "
                    "package is when it is bundled. Do not change anything.",
                    (
                        reply(
                            "",
                            Bash(
                                "grep -rn 'from \"[^.]' src",
                                "List imports",
                                "src/stations.ts:1:import { zones }\nsrc/chart.ts:1:import { line }",
                            ),
                        ),
                        reply("", Read("src/stations.ts"), Read("package.json")),
                        reply(
                            "",
                            Bash(
                                "du -sk node_modules/tz-everything/dist/index.js",
                                "Size of the package",
                                "231\tnode_modules/tz-everything/dist/index.js",
                            ),
                        ),
                        reply(
                            "Two packages are imported. `d3-shape` in src/chart.ts:1 is about 12 kB. `tz-everything` in "
                            "src/stations.ts:1 is 231 kB, because its entry file holds the whole zone table and is not split."
                        ),
                    ),
                ),
            ),
            reply("", Read("src/stations.ts")),
            reply(
                "Conclusion: the cause is `src/stations.ts:1`. Since release 1.8 it imports `zones` from `tz-everything`, and "
                "because that package ships one file of 231 kB that cannot be shaken, all of it lands in the bundle: 180 + 231 "
                "= 411 kB, which is the growth you see. It is used on line 6 only, to turn 40 station names into zone names. I "
                "recommend to write the zone into stations.json at build time and to drop the package."
            ),
            Prompt("makes sense, that explains it. thanks!", after_s=150),
            reply("Gladly. The change itself would be small: one script and 40 values."),
            Prompt("I'll put it on the list for next week", after_s=50),
            reply("Good. The numbers to compare against are 180 kB before and 410 kB now."),
        ),
    )


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


def low_water(commit: str) -> Story:
    """A feature over a `/clear`: the person goes on with the same files two minutes later, so it is one goal."""
    return Story(
        key="low-water",
        title="Mark low water in the tide chart",
        cwd=CWD,
        days_ago=2,
        at=time(15, 15),
        branch="low-water",
        files={"src/chart.ts": _CHART, "test/chart.test.ts": _CHART_TEST},
        steps=(
            Prompt(
                "Add a low water marker to the tide chart: a function lowWater(readings) in src/chart.ts that returns the "
                "lowest reading of the day, or undefined without readings, with tests in test/chart.test.ts. Propose a plan "
                "first."
            ),
            reply("", Read("src/chart.ts"), Read("test/chart.test.ts")),
            reply(
                "Plan:\n1. `lowWater(readings)` in src/chart.ts, a reduce over the readings; the first of two equal ones wins."
                "\n2. Tests: none, one, several, two equal.\n3. Run vitest."
            ),
            Prompt("ok, do it", after_s=55),
            reply(
                "",
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
                    "const at = (hour: number, metres: number) => ({ at: new Date(Date.UTC(2026, 5, 1, hour)), metres });\n",
                ),
            ),
            reply(
                "`lowWater()` stands in src/chart.ts. The tests come next, the builder for readings is there already."
            ),
            Clear(after_s=70),
            Prompt(
                "Go on with the low water marker: write the tests for lowWater() in test/chart.test.ts and let tidePath in "
                "src/chart.ts use the minutes as well, the curve has steps. Run vitest at the end.",
                after_s=45,
            ),
            reply("", Read("src/chart.ts"), Read("test/chart.test.ts")),
            reply(
                "",
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
                "",
                Bash(
                    "npx vitest run",
                    "Run the tests",
                    " Test Files  4 passed (4)\n      Tests  19 passed (19)",
                    seconds=5,
                ),
            ),
            reply("Done: two tests for `lowWater()`, and the curve follows the minutes now. All 19 tests pass."),
            Prompt("looks good, commit it please", after_s=110),
            reply(
                "",
                Bash(
                    'git commit -am "Mark low water in the chart"',
                    "Commit the marker",
                    f"[low-water {commit}] Mark low water in the chart\n 2 files changed, 22 insertions(+), 2 deletions(-)",
                ),
            ),
            reply(f"Committed as {commit} on low-water."),
        ),
    )


def hello() -> Story:
    """Nothing but a greeting."""
    return Story(
        key="hello",
        title="Greeting",
        cwd=CWD,
        days_ago=1,
        at=time(16, 40),
        files={},
        steps=(Prompt("hi", after_s=5), reply("Hello! What are we working on today?")),
    )


_FORMAT = """const DAY = 24 * 60;

/** The clock time of a tide, "14:05", from minutes after midnight UTC. */
export function clock(minutes: number, offset: number): string {
  const local = (minutes + offset * 60) % DAY;
  return `${pad(Math.floor(local / 60))}:${pad(local % 60)}`;
}

const pad = (n: number) => String(n).padStart(2, "0");
"""

_FORMAT_FAIL = """ FAIL  test/format.test.ts > clock > keeps summer time
AssertionError: expected '14:05' to be '13:05'
 Test Files  1 failed (1)
      Tests  1 failed | 3 passed (4)"""


def summer_time() -> Story:
    """A bug fix that does not work: the same failing test over and over, and a person who gives up."""
    failing = Bash("npx vitest run test/format.test.ts", "Run the format tests", _FORMAT_FAIL, exit_code=1, seconds=3)
    return Story(
        key="summer-time",
        title="Fix tide times in summer time",
        cwd=CWD,
        days_ago=0,
        at=time(10, 45),
        files={"src/format.ts": _FORMAT},
        steps=(
            Prompt(
                "High water is shown an hour late in summer, 14:05 where the harbour office says 13:05. Fix that in "
                "src/format.ts, test/format.test.ts has a failing test for it."
            ),
            reply("", Read("src/format.ts")),
            reply("The test may depend on the order of the runs, I'll run it a few times.", failing),
            *(reply("", failing) for _ in range(4)),
            reply(
                "The offset is added twice in summer. I'll take it off.",
                Edit("src/format.ts", "(minutes + offset * 60) % DAY", "(minutes + (offset - 1) * 60) % DAY"),
            ),
            reply("The time should be right now."),
            Prompt("still broken: now it says 12:05 in winter, and the test fails as before", after_s=130),
            reply(
                "",
                Edit("src/format.ts", "(offset - 1) * 60", "Math.max(offset - 1, 0) * 60"),
                Bash(
                    "npx vitest run test/format.test.ts",
                    "Run the format tests",
                    _FORMAT_FAIL.replace("1 failed | 3 passed", "2 failed | 2 passed"),
                    exit_code=1,
                    seconds=3,
                ),
            ),
            reply(
                "Two tests fail. The offset of the station seems to arrive with summer time in it at some places only."
            ),
            Prompt("no, that's wrong too. I'll look at it myself tomorrow", after_s=95),
            reply("All right. The change in src/format.ts is not committed."),
        ),
    )
