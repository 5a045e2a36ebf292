"""What stretches of time add up to, kept with the revision of what they rest on: the figures of both faces."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar
from uuid import UUID

from domain.scores.headline import Tally
from domain.scores.totals import Totals
from domain.values import OrgId
from persistence.score_days import Wanted
from resolvers.kept import Kept

V = TypeVar("V")

_MOST_BYTES = 16 * 2**20
_TALLY_BYTES, _TOTALS_BYTES, _CRUSH_BYTES = 600, 4_000, 250


class Figures(Generic[V]):
    """Those of this process, of one sort: the last ones of each stretch of a developer's time."""

    def __init__(self, weigh: Callable[[V], int], most_bytes: int = _MOST_BYTES) -> None:
        self._weigh = weigh
        self._kept: Kept[tuple[OrgId, Wanted], tuple[UUID, V]] = Kept(most_bytes)

    def get(self, org_id: OrgId, wanted: Wanted, revision: UUID) -> list[V] | None:
        """All of them as of this revision; None where one is not known, so that those shown are of one reading."""
        found: list[V] = []
        for bounds in wanted.bounds:
            kept = self._kept.get((org_id, wanted._replace(bounds=(bounds,))))
            if kept is None or kept[0] != revision:
                return None
            found.append(kept[1])
        return found

    def put(self, org_id: OrgId, wanted: Wanted, revision: UUID, found: Sequence[V]) -> None:
        for bounds, one in zip(wanted.bounds, found, strict=True):
            self._kept.put((org_id, wanted._replace(bounds=(bounds,))), (revision, one), self._weigh(one))


def of_tallies() -> Figures[Tally]:
    return Figures(lambda tally: _TALLY_BYTES)


def of_totals(most_bytes: int = _MOST_BYTES) -> Figures[Totals]:
    return Figures(lambda totals: _TOTALS_BYTES + _CRUSH_BYTES * totals.crushed, most_bytes)
