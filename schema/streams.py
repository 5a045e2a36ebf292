"""Subscriptions: each client goes at its own pace, and what many follow alike is executed and encoded once.

The source of a subscription yields pages, that is lists of events; each event becomes one payload. A payload depends
on the document, the variables and what the caller may see, but not on who asks or where the stream began. So all who
agree in these share a Rendering, which remembers the payloads of the latest events for a moment. Nobody waits for
anybody else: a client that lags behind reads the log by itself and holds no more than the payload it is being sent.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Generator, Hashable, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from typing import Protocol, TypeGuard

from graphql import ExecutionResult, FieldNode, GraphQLSchema, VariableNode, Visitor, visit

from domain.values import JsonObject, JsonValue
from resolvers.context import Context
from schema.core import open_source, run
from schema.documents import Prepared
from schema.errors import Code, request_id, shown
from schema.values import encoded

PAYLOAD_BYTES = 2**18
"""Of one payload: on its way to a client that does not read it stands in memory three times."""
MOST_BYTES = 2**20
"""Of the payloads that a rendering remembers."""
FRESH_S = 5.0
"""A payload shows things as they are now, so it is not used for long; whatever changes later is an event of its own."""
_OVERHEAD = 1_000
"""Bytes of keeping one payload, about."""
_AHEAD = 10
"""Events that are executed together, so that what they load is read together."""


class StreamEvent(Protocol):
    """A member of a page. Two of one type with one cursor are the same."""

    @property
    def cursor(self) -> Hashable: ...


class Streams:
    """The subscriptions of this process."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._renderings: dict[Hashable, _Rendering] = {}

    async def follow(self, prepared: Prepared, context: Context) -> AsyncGenerator[str]:
        """The payloads, each as JSON text; reading them raises DomainError. Raises RequestError for variables that do
        not fit."""
        source = await open_source(self._schema, prepared, context)
        assert _is_source(source)
        return self._payloads(source, prepared, context)

    async def _payloads(
        self, source: AsyncGenerator[Sequence[StreamEvent]], prepared: Prepared, context: Context
    ) -> AsyncGenerator[str]:
        with self._shared(prepared, context) as rendering:
            async with aclosing(source) as pages:
                async for page in pages:
                    for start in range(0, len(page), _AHEAD):
                        part = page[start : start + _AHEAD]
                        if len(part) > 1:
                            rendering.begin(part)
                        for event in part:
                            made = rendering.find(event)
                            if not made.ready.is_set():
                                # Not for the task: a follower that goes away would cancel it, and shields are dear.
                                await made.ready.wait()
                            yield rendering.take(event, made)

    @contextmanager
    def _shared(self, prepared: Prepared, context: Context) -> Generator["_Rendering"]:
        """The rendering of all who ask for the same and may see the same."""
        caller = context.caller.shared()
        key = (prepared.text, prepared.name, encoded(_less_place(prepared)), caller)
        rendering = self._renderings.get(key)
        if rendering is None:
            shared = replace(context, caller=caller).uncached()
            rendering = self._renderings[key] = _Rendering(self._schema, prepared, shared)
        rendering.followers += 1
        try:
            yield rendering
        finally:
            rendering.followers -= 1
            if not rendering.followers:
                del self._renderings[key]
                rendering.stop()


def _is_source(source: object) -> TypeGuard[AsyncGenerator[Sequence[StreamEvent]]]:
    return isinstance(source, AsyncGenerator)


def _less_place(prepared: Prepared) -> dict[str, JsonValue]:
    """The variables less the cursor to begin after, unless it is also used for something else."""
    field, *others = prepared.operation.selection_set.selections
    if others or not isinstance(field, FieldNode):
        return dict(prepared.variables)
    given = {argument.name.value: argument.value for argument in field.arguments or ()}
    after = given.get("after")
    if not isinstance(after, VariableNode) or _uses(prepared, after.name.value) > 1:
        return dict(prepared.variables)
    return {name: value for name, value in prepared.variables.items() if name != after.name.value}


def _uses(prepared: Prepared, name: str) -> int:
    counter = _Uses(name)
    visit(prepared.document, counter)
    return counter.found - 1  # its definition is one


class _Uses(Visitor):
    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.found = 0

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.found += node.name.value == self._name


@dataclass(frozen=True, slots=True)
class _Made:
    """A payload, or one in the making: then `ready` is what followers wait for."""

    payload: asyncio.Task[str]
    at: float
    ready: asyncio.Event


class _Rendering:
    """Turns the events of one kind of subscription into payloads, for all its followers."""

    def __init__(self, schema: GraphQLSchema, prepared: Prepared, context: Context) -> None:
        self.followers = 0
        self._schema = schema
        self._prepared = prepared
        self._context = context
        self._made: OrderedDict[Hashable, _Made] = OrderedDict()
        self._bytes = 0

    def begin(self, events: Sequence[StreamEvent]) -> None:
        for event in events:
            self.find(event)

    def take(self, event: StreamEvent, made: _Made) -> str:
        """The payload, once it is ready."""
        if self.followers == 1:  # nobody else will ask for it
            self._forget((type(event), event.cursor))
        return made.payload.result()

    def stop(self) -> None:
        for made in self._made.values():
            made.payload.cancel()

    def find(self, event: StreamEvent) -> _Made:
        key = (type(event), event.cursor)
        now = asyncio.get_running_loop().time()
        found = self._made.get(key)
        if found is None or (now - found.at > FRESH_S and found.ready.is_set()):
            self._forget(key)
            found = _Made(asyncio.create_task(self._render(event)), now, asyncio.Event())
            self._made[key] = found
            found.payload.add_done_callback(lambda _: self._remember(key, found))
        return found

    def _remember(self, key: Hashable, made: _Made) -> None:
        made.ready.set()
        if self._made.get(key) is made:
            self._bytes += _size(made)
            while self._bytes > MOST_BYTES:
                self._forget(next(iter(self._made)))

    def _forget(self, key: Hashable) -> None:
        gone = self._made.pop(key, None)
        if gone is not None and gone.ready.is_set():
            self._bytes -= _size(gone)

    async def _render(self, event: StreamEvent) -> str:
        result, _ = await run(self._schema, self._prepared, self._context, event)
        text = encoded(_body(result)).decode()
        return text if len(text) <= PAYLOAD_BYTES else encoded(_too_large(event)).decode()


def _size(made: _Made) -> int:
    """Also of what went wrong, so that memory of it is bounded, too."""
    failed = made.payload.cancelled() or made.payload.exception() is not None
    return _OVERHEAD if failed else _OVERHEAD + len(made.payload.result())


def _body(result: ExecutionResult) -> JsonObject:
    body: JsonObject = {"data": result.data}
    return {"errors": [*shown(result.errors, Code.BAD_USER_INPUT)], **body} if result.errors else body


def _too_large(event: StreamEvent) -> JsonObject:
    """Tells that a payload is missing, and where, instead of leaving it out."""
    message = f"this event takes more than {PAYLOAD_BYTES} bytes with these fields: ask for fewer"
    error: JsonObject = {"code": Code.PAYLOAD_TOO_LARGE, "requestId": request_id(), "cursor": str(event.cursor)}
    return {"errors": [{"message": message, "extensions": error}], "data": None}
