"""Large bodies are read beside the event loop."""

from threading import get_ident

import pytest

import domain.ingest.hooks
import resolvers.aside
import resolvers.hooks
import resolvers.ingest
from domain.ingest import upload
from domain.ingest.claude_hooks import CLAUDE_CODE
from domain.values import JsonObject
from resolvers.aside import LARGE_BYTES, aside
from resolvers.context import Context
from tests.rest_compat.envelopes import new_id, posted


async def test_only_what_is_large_leaves_the_loop() -> None:
    assert await aside(LARGE_BYTES - 1, get_ident) == get_ident()
    assert await aside(LARGE_BYTES, get_ident) != get_ident()


@pytest.mark.parametrize("size", [0, LARGE_BYTES])
async def test_what_is_posted_is_read_where_its_size_says(
    context: Context, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    where: list[int] = []
    for module, name in ((domain.ingest.hooks, "read"), (upload, "read")):
        monkeypatch.setattr(module, name, _noted(where, getattr(module, name)))
    hook: JsonObject = {"session_id": new_id(), "hook_event_name": "UserPromptSubmit", "prompt": "hi"}
    await resolvers.hooks.ingest_hook(context, CLAUDE_CODE, hook, size=size)
    [result] = await resolvers.ingest.ingest_events(context, [posted(new_id())], size)
    assert result.receipt == "accepted"
    assert [at == get_ident() for at in where] == [size == 0] * 2


def _noted(where: list[int], read: object) -> object:
    def noted(*given: object) -> object:
        where.append(get_ident())
        assert callable(read)
        return read(*given)

    return noted
