"""One answer of each route of PostHog, whole, as it was written down; see test_golden."""

import json
import re
from collections.abc import Mapping
from itertools import count

import httpx2

from tests.make import time
from tests.make_insights import made
from tests.rest_compat.house import House
from tests.rest_compat.posthog import RETENTION, SQL, TRENDS, Project, project
from tests.rest_compat.test_golden import Told
from tests.rest_compat.test_posthog_sharing import guarded

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SECRET = re.compile(r'"(short_id|access_token|password)": "[^"]+"')
_WORDS = {
    "team_id": "PROJECT",
    "scoped_teams": ["PROJECT"],
    "start_time": "NOW",
    "pickup_time": "NOW",
    "end_time": "NOW",
    "expiration_time": "NOW",
}
"""Times of runs are the database's."""


class Answers(Told):
    """With ids by the order in which they come up, and numbers of the server's own by words."""

    def __init__(self, mine: Project) -> None:
        super().__init__(
            {f"/environments/{mine.key.org.environment_id}/": "/environments/PROJECT/", mine.house.slug: "HOUSE"}
        )
        self._ids: dict[str, str] = {}
        self._numbers = count(1)

    def says(self, name: str, status: int, body: object) -> None:
        text = _SECRET.sub(r'"\1": "\1"', json.dumps(self._plain(body)))
        super().says(name, status, json.loads(_UUID.sub(self._named, text)))

    def _named(self, found: re.Match[str]) -> str:
        if found[0] not in self._ids:
            self._ids[found[0]] = f"ID {next(self._numbers)}"
        return self._ids[found[0]]

    def _plain(self, body: object) -> object:
        if isinstance(body, list):
            return [self._plain(one) for one in body]
        if not isinstance(body, Mapping):
            return body
        numbered = body.keys() & {"email", "organization"}
        return {
            key: _WORDS[key]
            if value and key in _WORDS
            else "NUMBER"
            if numbered and key == "id"
            else self._plain(value)
            for key, value in body.items()
        }


async def test_everything(house: House) -> None:
    mine = await project(house)
    told, insights, client = Answers(mine), mine.insights, mine.client
    await mine.counted([made("arc_crushed", 0), made("prompt", 1), made("arc_crushed", time(60))])

    async def says(name: str, method: str, path: str, body: object = None) -> httpx2.Response:
        answer = await client.request(method, path, json=body)
        told.agrees(name, answer)
        return answer

    body = {"name": "Crushed", "query": TRENDS, "tags": ["web"], "saved": True}
    await says("create_insight", "POST", insights, body)
    await says("update_insight", "PATCH", f"{insights}/1", {"favorited": True, "description": "All of them"})
    await mine.made(name="Who comes back", query=RETENTION)
    await says("get_insight", "GET", f"{insights}/1?refresh=blocking")
    await says("list_insights", "GET", f"{insights}?limit=1")
    await says("refuse_deletion", "DELETE", f"{insights}/1")
    tags = {"ids": [1, 2, 99], "action": "add", "tags": ["New"]}
    await says("bulk_update_tags", "POST", f"{insights}/bulk_update_tags", tags)
    await says("generate_metadata", "POST", f"{insights}/generate_metadata", {"query": SQL})
    await says("analyze_insight", "GET", f"{insights}/1/analyze")
    await says("get_suggestions", "GET", f"{insights}/2/suggestions")
    await says("post_suggestions", "POST", f"{insights}/2/suggestions", {"context": "lifecycle"})
    await says("get_sharing", "GET", f"{insights}/1/sharing")
    await says("update_sharing", "PATCH", f"{insights}/1/sharing", {"enabled": True, "password_required": True})
    new = await says("create_share_password", "POST", f"{insights}/1/sharing/passwords", {"note": "for the board"})
    await says("refresh_sharing", "POST", f"{insights}/1/sharing/refresh")
    await says("delete_share_password", "DELETE", f"{insights}/1/sharing/passwords/{new.json()['id']}")
    threshold = await guarded(mine)
    await says("list_thresholds", "GET", f"{insights}/1/thresholds")
    await says("get_threshold", "GET", f"{insights}/1/thresholds/{threshold}")
    await says("list_activity", "GET", f"{insights}/1/activity?limit=2")
    await says("list_all_activity", "GET", f"{insights}/activity?limit=1")
    await says("run_query", "POST", f"{mine.base}/query", {"query": SQL})
    wish = {"query": TRENDS, "refresh": "force_async", "client_query_id": "mine"}
    await client.post(f"{mine.base}/query", json=wish)
    await says("get_query", "GET", f"{mine.base}/query/mine")
    await says("cancel_query", "POST", f"{insights}/cancel", {"client_query_id": "mine"})
    await says("get_me", "GET", "/api/users/@me")
    await says("get_key", "GET", "/api/personal_api_keys/@current")
    await says("list_projects", "GET", "/api/projects")
