"""Stories of the demo sample in `ferrybook`, an invented booking service for ferries in Python."""

from datetime import time

from server.sample.transcript import Bash, Edit, Prompt, Read, Story, Write, reply

CWD = "/home/mara/code/ferrybook"
PLACEHOLDER_KEY_ID = "AKIA" + "FERRYBOOKDEMO123"
PLACEHOLDER_SECRET = "notAReal" + "Key/FerrybookDemo+Sample42AAAAAA"
"""Shaped like credentials of a cloud, and nobody's: the demo shows that they are redacted."""

_FARES = '''"""What a crossing costs."""

from datetime import date
from decimal import Decimal

from ferrybook.trips import Passenger, Trip

CHILD_AGE = 12
HALF = Decimal("0.5")


def age_on(day: date, born: date) -> int:
    """Full years on `day`."""
    return day.year - born.year


def fare(trip: Trip, passenger: Passenger) -> Decimal:
    """The price of one seat; children pay half."""
    if age_on(trip.day, passenger.born) <= CHILD_AGE:
        return trip.price * HALF
    return trip.price
'''

_FARES_TEST = """from datetime import date
from decimal import Decimal

from ferrybook.fares import fare
from ferrybook.trips import Passenger, Trip

TRIP = Trip(day=date(2026, 6, 1), price=Decimal("9.00"))


def test_adult_pays_the_full_price():
    assert fare(TRIP, Passenger(born=date(1990, 1, 1))) == Decimal("9.00")


def test_child_before_the_birthday_pays_half():
    assert fare(TRIP, Passenger(born=date(2013, 8, 20))) == Decimal("4.50")
"""

_FARES_FAIL = """=================================== FAILURES ===================================
___________________ test_child_before_the_birthday_pays_half ___________________
>       assert fare(TRIP, Passenger(born=date(2013, 8, 20))) == Decimal("4.50")
E       AssertionError: assert Decimal('9.00') == Decimal('4.50')
tests/test_fares.py:15: AssertionError
=========================== short test summary info ============================
FAILED tests/test_fares.py::test_child_before_the_birthday_pays_half
1 failed, 1 passed in 0.06s"""


def child_fare(commit: str) -> Story:
    """A bug fix: the failing test first, then the cause, then green, then committed."""
    return Story(
        key="child-fare",
        title="Fix child fare before the birthday",
        cwd=CWD,
        days_ago=14,
        at=time(9, 35),
        files={"ferrybook/fares.py": _FARES, "tests/test_fares.py": _FARES_TEST},
        steps=(
            Prompt(
                "tests/test_fares.py::test_child_before_the_birthday_pays_half fails:\n\n"
                "```\nE       AssertionError: assert Decimal('9.00') == Decimal('4.50')\n```\n\n"
                "A passenger born on 2013-08-20 is still twelve on 2026-06-01 and should pay half. Find the root cause, "
                "fix only ferrybook/fares.py and run the tests again afterwards."
            ),
            reply(
                "I'll reproduce it first.",
                Bash("python -m pytest tests/test_fares.py -q", "Run the fare tests", _FARES_FAIL, exit_code=1),
            ),
            reply("", Read("tests/test_fares.py"), Read("ferrybook/fares.py")),
            reply(
                "The cause is `age_on`: it subtracts the years and ignores month and day, so everybody turns a year older "
                "on the first of January. I'll take one year off while the birthday is still to come.",
                Edit(
                    "ferrybook/fares.py",
                    "    return day.year - born.year\n",
                    "    before_birthday = (day.month, day.day) < (born.month, born.day)\n"
                    "    return day.year - born.year - before_birthday\n",
                ),
            ),
            reply(
                "",
                Bash("python -m pytest tests/test_fares.py -q", "Run the fare tests", "..\n2 passed in 0.05s"),
                Bash("python -m pytest -q", "Run the whole suite", "." * 41 + "\n41 passed in 1.32s", seconds=4),
            ),
            reply(
                "Fixed in `ferrybook/fares.py`: the age now counts a year only after the birthday. The failing test passes "
                "and so do the other 40. Nothing else changed."
            ),
            Prompt("perfect, please commit that", after_s=75),
            reply(
                "",
                Bash("git diff --stat", "Show what changed", " ferrybook/fares.py | 3 ++-\n 1 file changed"),
                Bash(
                    'git add ferrybook/fares.py && git commit -m "Count an age only after the birthday"',
                    "Commit the fix",
                    f"[main {commit}] Count an age only after the birthday\n 1 file changed, 2 insertions(+), 1 deletion(-)",
                ),
            ),
            reply(f"Committed as {commit} on main."),
        ),
    )


_PRICES = '''"""Prices by season and route."""

from decimal import Decimal


def price(season: str, route: str) -> Decimal:
    """The price of an adult seat."""
    if season.lower() == "summer":
        return summer_price(route)
    return winter_price(route)


def summer_price(route: str) -> Decimal:
    if route == "harbour":
        return Decimal("14.50")
    if route == "island":
        return Decimal("22.00")
    return Decimal("18.00")


def winter_price(route: str) -> Decimal:
    if route == "harbour":
        return Decimal("11.00")
    if route == "island":
        return Decimal("16.50")
    return Decimal("13.00")
'''

_PRICE_TABLE = '''"""Prices by season and route."""

from decimal import Decimal

OTHER_ROUTE = "other"

PRICES = {
    "summer": {
        "harbour": Decimal("14.50"),
        "island": Decimal("22.00"),
        OTHER_ROUTE: Decimal("18.00"),
    },
    "winter": {
        "harbour": Decimal("11.00"),
        "island": Decimal("16.50"),
        OTHER_ROUTE: Decimal("13.00"),
    },
}


def price(season: str, route: str) -> Decimal:
    """The price of an adult seat; an unknown season counts as winter."""
    routes = PRICES.get(season, PRICES["winter"])
    return routes.get(route, routes[OTHER_ROUTE])
'''


def price_table(commit: str) -> Story:
    """A refactoring that looks finished and is reverted by a later session."""
    return Story(
        key="price-table",
        title="Refactor prices into one table",
        cwd=CWD,
        days_ago=10,
        at=time(14, 10),
        files={"ferrybook/prices.py": _PRICES},
        steps=(
            Prompt(
                "Refactor ferrybook/prices.py: replace summer_price() and winter_price() by one price table, because a "
                "third season comes in spring. Behaviour must stay the same. Outline a plan before you touch the code, "
                "and make sure tests/test_prices.py still passes."
            ),
            reply(
                "",
                Read("ferrybook/prices.py"),
                Bash(
                    "grep -rn 'summer_price\\|winter_price' ferrybook tests",
                    "Find the callers",
                    "ferrybook/prices.py:9:\n",
                ),
            ),
            reply(
                "Plan:\n1. A `PRICES` table, season by route, with an `other` row for the routes that have no price of "
                "their own.\n2. `price()` looks up the table and keeps its signature; nobody calls the two other functions, "
                "so they go.\n3. Run tests/test_prices.py, then the suite.\n\nShall I go ahead?"
            ),
            Prompt("yes, go ahead", after_s=95),
            reply("", Write("ferrybook/prices.py", _PRICE_TABLE)),
            reply(
                "",
                Bash("python -m pytest tests/test_prices.py -q", "Run the price tests", "......\n6 passed in 0.04s"),
                Bash("python -m pytest -q", "Run the whole suite", "." * 41 + "\n41 passed in 1.29s", seconds=4),
            ),
            reply(
                "Both price functions are now one `PRICES` table and a third season is one more entry. All 41 tests pass, "
                "and `price()` kept its signature."
            ),
            Prompt("nice, commit it", after_s=120),
            reply(
                "",
                Bash(
                    'git commit -am "Turn prices into one table"',
                    "Commit the refactoring",
                    f"[main {commit}] Turn prices into one table\n 1 file changed, 16 insertions(+), 20 deletions(-)",
                ),
            ),
            reply(f"Committed as {commit}."),
        ),
    )


_PRICES_TEST = """from decimal import Decimal

import pytest

from ferrybook.prices import price


@pytest.mark.parametrize(("season", "expected"), [("summer", "14.50"), ("winter", "11.00")])
def test_harbour(season, expected):
    assert price(season, "harbour") == Decimal(expected)
"""


def price_revert(table: str, revert: str, commit: str) -> Story:
    """A bug that came from the refactoring `table`: found, reverted, covered by a test."""
    return Story(
        key="price-revert",
        title="Fix winter prices in summer",
        cwd=CWD,
        days_ago=7,
        at=time(10, 20),
        files={"ferrybook/prices.py": _PRICE_TABLE, "tests/test_prices.py": _PRICES_TEST},
        steps=(
            Prompt(
                "Bug: booking FB-2231 was charged 11.00 instead of 14.50 for the harbour route, and the timetable says "
                "`season=Summer`. Investigate why in ferrybook/prices.py. If the price table is the cause, revert that "
                "commit, we will do it again properly. Add a test that fails without the fix."
            ),
            reply(
                "",
                Read("ferrybook/prices.py"),
                Bash(
                    "git log --oneline -4 -- ferrybook/prices.py",
                    "Find the commit",
                    f"{table} Turn prices into one table",
                ),
                Bash(
                    "python -c \"from ferrybook.prices import price; print(price('Summer', 'harbour'))\"",
                    "Reproduce the price",
                    "11.00",
                ),
            ),
            reply(
                f"Reproduced. The cause is {table}: the old `price()` compared `season.lower()`, the table looks up the season "
                "as it is written, and because an unknown season counts as winter, `Summer` silently gets the winter price. "
                "I'll write the test first.",
                Edit(
                    "tests/test_prices.py",
                    '[("summer", "14.50"), ("winter", "11.00")]',
                    '[("summer", "14.50"), ("Summer", "14.50"), ("winter", "11.00")]',
                ),
                Bash(
                    "python -m pytest tests/test_prices.py -q",
                    "See the new test fail",
                    "FAILED tests/test_prices.py::test_harbour[Summer-14.50] - assert Decimal('11.00') == Decimal('14.50')\n"
                    "1 failed, 6 passed in 0.05s",
                    exit_code=1,
                ),
            ),
            reply(
                "",
                Bash(
                    f"git revert --no-edit {table}",
                    "Revert the price table",
                    f'[main {revert}] Revert "Turn prices into one table"\n 1 file changed, 20 insertions(+), 16 deletions(-)',
                ),
                Bash("python -m pytest -q", "Run the whole suite", "." * 42 + "\n42 passed in 1.30s", seconds=4),
            ),
            reply(
                "Reverted, and the new case `Summer` passes with the other 41 tests. When the table comes back it needs "
                "`season.lower()` and should refuse a season it does not know."
            ),
            Prompt("that works again, thanks. Commit the test as well.", after_s=180),
            reply(
                "",
                Bash(
                    'git commit -am "Test a season in capitals"',
                    "Commit the test",
                    f"[main {commit}] Test a season in capitals\n 1 file changed, 1 insertion(+), 1 deletion(-)",
                ),
            ),
            reply(f"Committed as {commit}."),
        ),
    )


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


def last_seat() -> Story:
    """A question that is answered; nothing is changed."""
    return Story(
        key="last-seat",
        title="How the last seat is locked",
        cwd=CWD,
        days_ago=0,
        at=time(9, 10),
        files={"ferrybook/booking.py": _BOOKING},
        steps=(
            Prompt(
                "What happens in ferrybook/booking.py when two customers book the last seat of a crossing at the same moment? "
                "Can both get it?"
            ),
            reply("", Read("ferrybook/booking.py")),
            reply(
                "No, only one of them gets it. `book()` reads the crossing with `with_for_update()`, so the first "
                "transaction holds a lock on that row until it commits. The second one waits at the same line, then reads "
                "the row again, sees `seats_taken == seats` and raises `SoldOut`. This is safe because the check and the "
                "increment stand behind the same lock, and because PostgreSQL reads a locked row afresh after the wait."
            ),
            Prompt("Does that also hold for cancel() in ferrybook/booking.py?", after_s=70),
            reply(
                "",
                Bash("grep -rn 'cancel(' ferrybook", "Find the callers", "ferrybook/web.py:88:    cancel(db, booking)"),
            ),
            reply(
                "Almost. `cancel()` changes `seats_taken` without taking the lock first. Two cancellations at the same moment "
                "can both read 40 and both write 39, because the subtraction happens in Python: one seat stays lost. Nobody "
                "gets a seat twice, so it is a leak and no overbooking. My recommendation: lock the crossing in `cancel()` "
                "as `book()` does, or let the database subtract with `Crossing.seats_taken - 1`."
            ),
            Prompt("great, that answers it, thanks!", after_s=60),
            reply("You're welcome."),
        ),
    )


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


def nightly_export(commit: str) -> Story:
    """A feature that the person tries and accepts; the prompt holds credentials."""
    return Story(
        key="nightly-export",
        title="Add a nightly CSV export of bookings",
        cwd=CWD,
        days_ago=0,
        at=time(13, 30),
        branch="nightly-export",
        files={},
        steps=(
            Prompt(
                "Add a nightly export: a new file ferrybook/export.py with bookings_csv(bookings) that returns a header line "
                "and one line per booking, so that the job can upload it as bookings/<day>.csv. Only that file and "
                "tests/test_export.py, no new dependency. Plan first, and run the tests at the end.\n\n"
                f"For the upload I will try it with\nAWS_ACCESS_KEY_ID={PLACEHOLDER_KEY_ID}\n"
                f"AWS_SECRET_ACCESS_KEY={PLACEHOLDER_SECRET}"
            ),
            reply(
                "",
                Bash(
                    "ls ferrybook tests",
                    "See the layout",
                    "ferrybook:\nbooking.py\nmodels.py\nprices.py\n\ntests:\nmake.py",
                ),
                Bash(
                    "grep -n 'def booking' -A4 tests/make.py", "See the builder", "9:def booking(id=1, price='9.00'):\n"
                ),
            ),
            reply(
                "Plan:\n1. `bookings_csv()` with the csv module, and `object_name()` for the place of the file.\n"
                "2. Tests for the header with one line, for a day without bookings, and for the name.\n"
                "3. The upload stays out of this file; the credentials belong into the environment of the job, so I leave "
                "them out of the code."
            ),
            reply("", Write("ferrybook/export.py", _EXPORT), Write("tests/test_export.py", _EXPORT_TEST)),
            reply(
                "",
                Bash(
                    "python -m pytest tests/test_export.py -q",
                    "Run the export tests",
                    "FAILED tests/test_export.py::test_header_and_one_line - "
                    "AssertionError: assert '...price\\r\\n7,...' == '...price\\n7,...'\n1 failed, 2 passed in 0.05s",
                    exit_code=1,
                ),
            ),
            reply(
                "The csv module ends lines with CRLF by default. I'll ask it for a plain newline.",
                Edit("ferrybook/export.py", "csv.writer(out)", 'csv.writer(out, lineterminator="\\n")'),
                Bash("python -m pytest -q", "Run the whole suite", "." * 45 + "\n45 passed in 1.35s", seconds=4),
            ),
            reply(
                "`ferrybook/export.py` holds `bookings_csv()` and `object_name()`, with three tests. All 45 tests pass. The "
                "credentials are nowhere in the code."
            ),
            Prompt("I tried it with yesterday's bookings: works, thanks! Please commit.", after_s=240),
            reply(
                "",
                Bash(
                    'git add ferrybook/export.py tests/test_export.py && git commit -m "Export the bookings of a day as CSV"',
                    "Commit the export",
                    f"[nightly-export {commit}] Export the bookings of a day as CSV\n 2 files changed, 43 insertions(+)",
                ),
            ),
            reply(f"Committed as {commit} on nightly-export."),
        ),
    )
