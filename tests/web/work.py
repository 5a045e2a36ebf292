"""Work as agents tell of it while it is done: events of sessions, one after the other."""

from datetime import UTC, datetime
from uuid import uuid4

from tests.web.site import Team


class Work:
    """A session of an agent. Each step is sent at once, as hooks do."""

    def __init__(self, team: Team, key: str | None = None) -> None:
        self.team, self.key, self.session = team, key, f"work-{uuid4().hex[:12]}"

    async def asks(self, text: str) -> None:
        await self.tell("prompt", "human", text=text)

    async def changes(self, path: str) -> None:
        """A change, a check that passes, and what it took."""
        await self.tell("file_diff", "ai", path=path, linesAdded=24, linesRemoved=2)
        await self.tell("command", "ai", command=f"pytest tests/test_{path}", exitCode=0, stdout="12 passed")
        await self.tell("api_request", "ai", model="claude-sonnet-4-5", inputTokens=90, outputTokens=2_110)

    async def ends(self) -> None:
        await self.tell("session_end", "system")

    async def crushes(self, text: str) -> None:
        """A goal that is reached, from beginning to end."""
        await self.asks(text)
        await self.changes("fares.py")
        await self.ends()

    async def tell(self, kind: str, actor: str, **data: object) -> None:
        event = {
            "id": str(uuid4()),
            "sessionId": self.session,
            "ts": datetime.now(UTC).isoformat(),
            "kind": kind,
            "source": {"channel": "hook", "integration": "claude-code"},
            "actor": {"type": actor},
            "provenance": {},
            "v": 1,
            "data": data,
        }
        answer = await self.team.post("/v1/hooks/ingest", event, self.key)
        assert answer.is_success, answer.text
