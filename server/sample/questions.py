"""Stories in which nothing is changed: a question, an investigation, a greeting."""

from datetime import time

from server.sample.story import FERRYBOOK, TIDETABLE, Agent, Bash, Prompt, Read, Story, reply

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

BUNDLE_SIZE = Story(
    key="bundle-size",
    title="Find out why the bundle doubled",
    cwd=TIDETABLE,
    days_ago=4,
    at=time(11, 5),
    files={"package.json": _PACKAGE, "src/stations.ts": _STATIONS},
    steps=(
        Prompt(
            "Investigate why the production bundle grew from 180 kB to 410 kB since release 1.8. Look only at src/ "
            "and package.json and do not change anything. I expect the file and the line that cause it."
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
                        Bash(
                            "grep -rn 'from \"[^.]' src",
                            "List imports",
                            "src/stations.ts:1:import { zones }\nsrc/chart.ts:1:import { line }",
                        ),
                    ),
                    reply(Read("src/stations.ts"), Read("package.json")),
                    reply(
                        Bash(
                            "du -sk node_modules/tz-everything/dist/index.js",
                            "Size of the package",
                            "231\tnode_modules/tz-everything/dist/index.js",
                        ),
                    ),
                    reply(
                        "Two packages are imported. `d3-shape` in src/chart.ts:1 is about 12 kB. `tz-everything` in "
                        "src/stations.ts:1 is 231 kB, because its entry file holds the whole zone table and is not "
                        "split."
                    ),
                ),
            ),
        ),
        reply(Read("src/stations.ts")),
        reply(
            "Conclusion: the cause is `src/stations.ts:1`. Since release 1.8 it imports `zones` from "
            "`tz-everything`, and because that package ships one file of 231 kB that cannot be shaken, all of it "
            "lands in the bundle: 180 + 231 = 411 kB, which is the growth you see. It is used on line 6 only, to "
            "turn 40 station names into zone names. I recommend to write the zone into stations.json at build time "
            "and to drop the package."
        ),
        Prompt("makes sense, that explains it. thanks!", after_s=380),
        reply("Gladly. The change itself would be small: one script and 40 values."),
        Prompt("I'll put it on the list for next week", after_s=130),
        reply("Good. The numbers to compare against are 180 kB before and 410 kB now."),
    ),
)
"""An investigation with a sub-agent that ends in a conclusion; nothing is changed."""

_BOOKING = '''"""Seats are taken here and nowhere else."""

from sqlalchemy import select

from ferrybook.database import Session
from ferrybook.models import Booking, Crossing


class SoldOut(Exception):
    pass


def book(db: Session, crossing_id: int, customer_id: int) -> Booking:
    """Takes one seat. Raises SoldOut."""
    crossing = db.scalars(select(Crossing).where(Crossing.id == crossing_id).with_for_update()).one()
    if crossing.seats_taken >= crossing.seats:
        raise SoldOut
    crossing.seats_taken += 1
    booking = Booking(crossing=crossing, customer_id=customer_id)
    db.add(booking)
    return booking


def cancel(db: Session, booking: Booking) -> None:
    booking.crossing.seats_taken -= 1
    db.delete(booking)
'''

LAST_SEAT = Story(
    key="last-seat",
    title="How the last seat is locked",
    cwd=FERRYBOOK,
    days_ago=0,
    at=time(9, 10),
    files={"ferrybook/booking.py": _BOOKING},
    steps=(
        Prompt(
            "What happens in ferrybook/booking.py when two customers book the last seat of a crossing at the same "
            "moment? Can both get it?"
        ),
        reply(Read("ferrybook/booking.py")),
        reply(
            "No, only one of them gets it. `book()` reads the crossing with `with_for_update()`, so the first "
            "transaction holds a lock on that row until it commits. The second one waits at the same line, then "
            "reads the row again, sees `seats_taken == seats` and raises `SoldOut`. This is safe because the check "
            "and the increment stand behind the same lock, and because PostgreSQL reads a locked row afresh after "
            "the wait."
        ),
        Prompt("Does that also hold for cancel() in ferrybook/booking.py?", after_s=70),
        reply(
            Bash("grep -rn 'cancel(' ferrybook", "Find the callers", "ferrybook/web.py:88:    cancel(db, booking)"),
        ),
        reply(
            "Almost. `cancel()` changes `seats_taken` without taking the lock first. Two cancellations at the same "
            "moment can both read 40 and both write 39, because the subtraction happens in Python: one seat stays "
            "lost. Nobody gets a seat twice, so it is a leak and no overbooking. My recommendation: lock the "
            "crossing in `cancel()` as `book()` does, or let the database subtract with `Crossing.seats_taken - 1`."
        ),
        Prompt("great, that answers it, thanks!", after_s=140),
        reply("You're welcome."),
    ),
)
"""A question that is answered; nothing is changed."""

HELLO = Story(
    key="hello",
    title="Greeting",
    cwd=TIDETABLE,
    days_ago=1,
    at=time(16, 40),
    files={},
    steps=(Prompt("hi", after_s=5), reply("Hello! What are we working on today?")),
)
"""Nothing but a greeting."""
