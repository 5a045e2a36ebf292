"""A project of PostHog's: an organisation asked with a personal key."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import httpx2

from domain.access import KeyKind
from domain.values import OrgId, UserId
from persistence.database import Tenant
from resolvers.access import NewKey
from tests.make_insights import Made, put_events
from tests.rest_compat.house import House

API = "/api/environments"
SERIES = {"kind": "EventsNode", "event": "arc_crushed", "name": "arc_crushed"}
TRENDS = {"kind": "TrendsQuery", "series": [SERIES], "interval": "day", "dateRange": {"date_from": "-7d"}}
RETENTION = {
    "kind": "RetentionQuery",
    "retentionFilter": {
        "period": "Week",
        "totalIntervals": 4,
        "targetEntity": {"id": "prompt", "type": "events"},
        "returningEntity": {"id": "arc_crushed", "type": "events"},
    },
}
FUNNEL = {"kind": "FunnelsQuery", "series": [{"kind": "EventsNode", "event": "prompt"}, SERIES]}
SQL = {"kind": "HogQLQuery", "query": "select event, count() from events group by event order by event"}


def drawn(query: dict[str, object]) -> dict[str, object]:
    """Wrapped, as it is stored."""
    wrapper = "DataVisualizationNode" if query["kind"] == "HogQLQuery" else "InsightVizNode"
    return {"kind": wrapper, "source": query}


@dataclass
class Project:
    house: House
    key: NewKey
    client: httpx2.AsyncClient

    @property
    def org_id(self) -> OrgId:
        return self.key.org.id

    @property
    def user_id(self) -> UserId:
        return self.key.user.id

    @property
    def base(self) -> str:
        return f"{API}/{self.key.org.environment_id}"

    @property
    def insights(self) -> str:
        return f"{self.base}/insights"

    def at(self, now: datetime) -> "Project":
        """The same one at another time."""
        house = self.house.at(now)
        return replace(self, house=house, client=house.client(self.key))

    async def counted(self, events: Iterable[Made]) -> None:
        async with self.house.services.database.write(Tenant(self.org_id)) as db:
            await put_events(db, self.org_id, events)

    async def made(self, **fields: object) -> dict[str, object]:
        """A new insight, as it was answered."""
        answer = await self.client.post(self.insights, json=fields)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def changed(self, id: object, **fields: object) -> dict[str, object]:
        answer = await self.client.patch(f"{self.insights}/{id}", json=fields)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def read(self, path: object = "", **params: object) -> dict[str, object]:
        """What a GET below insights answers."""
        answer = await self.client.get(f"{self.insights}{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def listed(self, **params: object) -> list[object]:
        """The names of the insights that a list shows."""
        return [one["name"] for one in (await self.read(**params))["results"]]

    async def status(self, path: str, method: str = "GET", **params: object) -> int:
        return (await self.client.request(method, f"{self.insights}{path}", params=params)).status_code


async def project(house: House, email: str = "ada@example.org", **wish: object) -> Project:
    key = await house.key(KeyKind.PERSONAL, email, **wish)
    return Project(house, key, house.client(key))
