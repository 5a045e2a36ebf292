"""Figures that are kept are shown together or not at all."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from domain.scores.headline import Tally
from domain.scores.totals import Crush, Totals
from domain.scores.windows import Bounds
from domain.values import OrgId, UserId
from persistence.score_days import Wanted
from resolvers.figures import of_tallies, of_totals

START = datetime(2026, 3, 2, tzinfo=UTC)
WEEKS = tuple(Bounds(START + timedelta(weeks=n), START + timedelta(weeks=n + 1)) for n in range(4))
ORG, ADA = OrgId(uuid4()), UserId(uuid4())
OWN = Wanted(ADA, ZoneInfo("UTC"), WEEKS)
TALLIES = [Tally(qualifying=n) for n in range(4)]


def test_all_of_one_revision_or_none() -> None:
    figures, revision = of_tallies(), uuid4()
    figures.put(ORG, OWN, revision, TALLIES)
    assert figures.get(ORG, OWN, revision) == TALLIES
    assert figures.get(ORG, OWN._replace(bounds=WEEKS[2:]), revision) == TALLIES[2:]
    assert figures.get(ORG, OWN, uuid4()) is None
    later = Bounds(WEEKS[3].end, WEEKS[3].end + timedelta(weeks=1))
    assert figures.get(ORG, OWN._replace(bounds=(*WEEKS[1:], later)), revision) is None
    figures.put(ORG, OWN._replace(bounds=WEEKS[3:]), uuid4(), TALLIES[3:])
    assert figures.get(ORG, OWN, revision) is None, "three of one reading, the last of another"


def test_they_are_whose_they_are() -> None:
    figures, revision = of_tallies(), uuid4()
    figures.put(ORG, OWN, revision, TALLIES)
    for org, wanted in (
        (OrgId(uuid4()), OWN),
        (ORG, OWN._replace(user_id=UserId(uuid4()))),
        (ORG, OWN._replace(zone=ZoneInfo("Asia/Tokyo"))),
    ):
        assert figures.get(org, wanted, revision) is None


def test_crushed_arcs_weigh() -> None:
    small, large = Totals(), Totals(qualifying=5_000, crushes=(Crush(1, None, None),) * 5_000)
    day = OWN._replace(bounds=WEEKS[:1])
    for totals, kept in ((small, True), (large, False)):
        figures, revision = of_totals(most_bytes=100_000), uuid4()
        figures.put(ORG, day, revision, [totals])
        assert (figures.get(ORG, day, revision) is not None) is kept
