"""Stories about bugs, and about the refactoring that was one."""

from datetime import time

from server.sample.story import FERRYBOOK, TIDETABLE, Bash, Edit, Prompt, Read, Story, Write, reply

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

CHILD_FARE = Story(
    key="child-fare",
    title="Fix child fare before the birthday",
    cwd=FERRYBOOK,
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
        reply(Read("tests/test_fares.py"), Read("ferrybook/fares.py")),
        reply(
            "The cause is `age_on`: it subtracts the years and ignores month and day, so everybody turns a year "
            "older on the first of January. I'll take one year off while the birthday is still to come.",
            Edit(
                "ferrybook/fares.py",
                "    return day.year - born.year\n",
                "    before_birthday = (day.month, day.day) < (born.month, born.day)\n"
                "    return day.year - born.year - before_birthday\n",
            ),
        ),
        reply(
            Bash("python -m pytest tests/test_fares.py -q", "Run the fare tests", "..\n2 passed in 0.05s"),
            Bash("python -m pytest -q", "Run the whole suite", "." * 41 + "\n41 passed in 1.32s", seconds=4),
        ),
        reply(
            "Fixed in `ferrybook/fares.py`: the age now counts a year only after the birthday. The failing test "
            "passes and so do the other 40. Nothing else changed."
        ),
        Prompt("perfect, please commit that", after_s=190),
        reply(
            Bash("git diff --stat", "Show what changed", " ferrybook/fares.py | 3 ++-\n 1 file changed"),
            Bash(
                'git add ferrybook/fares.py && git commit -m "Count an age only after the birthday"',
                "Commit the fix",
                "[main <commit:child-fare>] Count an age only after the birthday\n 1 file changed, 2 insertions(+), "
                "1 deletion(-)",
            ),
        ),
        reply("Committed as <commit:child-fare> on main."),
    ),
)
"""A bug fix: the failing test first, then the cause, then green, then committed."""

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

_QUOTES = """from decimal import Decimal

from ferrybook.prices import summer_price, winter_price


def quote(season: str, route: str, seats: int) -> Decimal:
    one = summer_price(route) if season.lower() == "summer" else winter_price(route)
    return seats * one
"""

_RECEIPTS = """from ferrybook.prices import summer_price, winter_price


def receipt_line(season: str, route: str) -> str:
    one = summer_price(route) if season.lower() == "summer" else winter_price(route)
    return f"{route}: {one}"
"""

_ONE_PRICE = '    one = summer_price(route) if season.lower() == "summer" else winter_price(route)\n'

PRICE_TABLE = Story(
    key="price-table",
    title="Refactor prices into one table",
    cwd=FERRYBOOK,
    days_ago=10,
    at=time(14, 10),
    files={"ferrybook/prices.py": _PRICES, "ferrybook/quotes.py": _QUOTES, "ferrybook/receipts.py": _RECEIPTS},
    steps=(
        Prompt(
            "Refactor ferrybook/prices.py: replace summer_price() and winter_price() by one price table, because a "
            "third season comes in spring. quotes.py and receipts.py should only call price(). Behaviour must stay "
            "the same. Outline a plan before you touch the code, and make sure tests/test_prices.py still passes."
        ),
        reply(
            Read("ferrybook/prices.py"),
            Read("ferrybook/quotes.py"),
            Read("ferrybook/receipts.py"),
            Bash(
                "grep -rln 'summer_price\\|winter_price' ferrybook tests",
                "Find the callers",
                "ferrybook/prices.py\nferrybook/quotes.py\nferrybook/receipts.py",
            ),
        ),
        reply(
            "Plan:\n1. A `PRICES` table, season by route, with an `other` row for the routes that have no price of "
            "their own.\n2. `price()` looks up the table and keeps its signature; quotes.py and receipts.py call it, "
            "so the two other functions go.\n3. Run tests/test_prices.py, then the suite.\n\nShall I go ahead?"
        ),
        Prompt("yes, go ahead", after_s=210),
        reply(Write("ferrybook/prices.py", _PRICE_TABLE)),
        reply(
            *(Edit(f"ferrybook/{name}.py", "summer_price, winter_price", "price") for name in ("quotes", "receipts")),
            *(
                Edit(f"ferrybook/{name}.py", _ONE_PRICE, "    one = price(season, route)\n")
                for name in ("quotes", "receipts")
            ),
        ),
        reply(
            Bash("python -m pytest tests/test_prices.py -q", "Run the price tests", "......\n6 passed in 0.04s"),
            Bash("python -m pytest -q", "Run the whole suite", "." * 41 + "\n41 passed in 1.29s", seconds=4),
        ),
        reply(
            "Both price functions are now one `PRICES` table and a third season is one more entry. All 41 tests "
            "pass, and `price()` kept its signature."
        ),
        Prompt("nice, commit it", after_s=260),
        reply(
            Bash(
                'git commit -am "Turn prices into one table"',
                "Commit the refactoring",
                "[main <commit:price-table>] Turn prices into one table\n 3 files changed, 22 insertions(+), "
                "24 deletions(-)",
            ),
        ),
        reply("Committed as <commit:price-table>."),
    ),
)
"""A refactoring that looks finished and is reverted by a later session."""

_PRICES_TEST = """from decimal import Decimal

import pytest

from ferrybook.prices import price


@pytest.mark.parametrize(("season", "expected"), [("summer", "14.50"), ("winter", "11.00")])
def test_harbour(season, expected):
    assert price(season, "harbour") == Decimal(expected)
"""

PRICE_REVERT = Story(
    key="price-revert",
    title="Fix winter prices in summer",
    cwd=FERRYBOOK,
    days_ago=7,
    at=time(10, 20),
    files={"ferrybook/prices.py": _PRICE_TABLE, "tests/test_prices.py": _PRICES_TEST},
    steps=(
        Prompt(
            "Fix the summer price in ferrybook/prices.py: booking FB-2231 was charged 11.00 instead of 14.50 on the "
            "harbour route, and its timetable says `season=Summer`. Find the root cause. If it is the commit with the "
            "price table, revert that, we will do it again properly. Add a test that fails without the fix."
        ),
        reply(
            Read("ferrybook/prices.py"),
            Bash(
                "git log --oneline -4 -- ferrybook/prices.py",
                "Find the commit",
                "<commit:price-table> Turn prices into one table",
            ),
            Bash(
                "python -c \"from ferrybook.prices import price; print(price('Summer', 'harbour'))\"",
                "Reproduce the price",
                "11.00",
            ),
        ),
        reply(
            "Reproduced. The cause is <commit:price-table>: the old `price()` compared `season.lower()`, the table "
            "looks up the season as it is written, and because an unknown season counts as winter, `Summer` "
            "silently gets the winter price. I'll write the test first.",
            Edit(
                "tests/test_prices.py",
                '[("summer", "14.50"), ("winter", "11.00")]',
                '[("summer", "14.50"), ("Summer", "14.50"), ("winter", "11.00")]',
            ),
            Bash(
                "python -m pytest tests/test_prices.py -q",
                "See the new test fail",
                "FAILED tests/test_prices.py::test_harbour[Summer-14.50] - assert Decimal('11.00') == "
                "Decimal('14.50')\n"
                "1 failed, 6 passed in 0.05s",
                exit_code=1,
            ),
        ),
        reply(
            Bash(
                "git revert --no-edit <commit:price-table>",
                "Revert the price table",
                '[main <commit:price-revert>] Revert "Turn prices into one table"\n 3 files changed, 24 '
                "insertions(+), 22 deletions(-)",
            ),
            Bash("python -m pytest -q", "Run the whole suite", "." * 42 + "\n42 passed in 1.30s", seconds=4),
        ),
        reply(
            "Reverted, and the new case `Summer` passes with the other 41 tests. When the table comes back it needs "
            "`season.lower()` and should refuse a season it does not know."
        ),
        Prompt("that works again, thanks. Commit the test as well.", after_s=420),
        reply(
            Bash(
                'git commit -am "Test a season in capitals"',
                "Commit the test",
                "[main <commit:price-test>] Test a season in capitals\n 1 file changed, 1 insertion(+), 1 deletion(-)",
            ),
        ),
        reply("Committed as <commit:price-test>."),
    ),
)
"""A bug that came from the refactoring: found, the commit reverted, covered by a test."""

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

_FAILING = Bash("npx vitest run test/format.test.ts", "Run the format tests", _FORMAT_FAIL, exit_code=1, seconds=3)

SUMMER_TIME = Story(
    key="summer-time",
    title="Fix tide times in summer time",
    cwd=TIDETABLE,
    days_ago=0,
    at=time(10, 45),
    files={"src/format.ts": _FORMAT},
    steps=(
        Prompt(
            "High water is shown an hour late in summer, 14:05 where the harbour office says 13:05. Fix that in "
            "src/format.ts, test/format.test.ts has a failing test for it."
        ),
        reply(Read("src/format.ts")),
        reply("The test may depend on the order of the runs, I'll run it a few times.", _FAILING),
        *(reply(_FAILING) for _ in range(4)),
        reply(
            "The offset is added twice in summer. I'll take it off.",
            Edit("src/format.ts", "(minutes + offset * 60) % DAY", "(minutes + (offset - 1) * 60) % DAY"),
        ),
        reply("The time should be right now."),
        Prompt("still broken: now it says 12:05 in winter, and the test fails as before", after_s=330),
        reply(
            Edit("src/format.ts", "(offset - 1) * 60", "Math.max(offset - 1, 0) * 60"),
            Bash(
                "npx vitest run test/format.test.ts",
                "Run the format tests",
                _FORMAT_FAIL.replace("1 failed | 3 passed", "2 failed | 2 passed"),
                exit_code=1,
                seconds=3,
            ),
        ),
        reply("Two tests fail. The offset of the station seems to arrive with summer time in it at some places only."),
        Prompt("no, that's wrong too. I'll look at it myself tomorrow", after_s=210),
        reply("All right. The change in src/format.ts is not committed."),
    ),
)
"""A bug fix that does not work: the same failing test over and over, and a person who gives up."""
