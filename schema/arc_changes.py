"""Changes of one's own goal arcs: the input names the arc, the payload shows it as it is then."""

from collections.abc import Awaitable, Sequence
from enum import StrEnum
from typing import NamedTuple

import domain.judging.records as records
from domain.errors import DomainError, Fault
from domain.values import SubSessionId
from schema import nodes
from schema.user_errors import expected, read_id


class Changed(NamedTuple):
    """What a payload shows; without an arc nothing was changed."""

    sub_session: records.SubSession | None
    user_errors: Sequence[Fault] = ()


def arc_id(id: str, code: StrEnum) -> SubSessionId:
    """From the `id` of an input. Raises Invalid with a fault of that code for what is no id of an arc."""
    return read_id(nodes.sub_session_id, id, code, "id")


async def changed(change: Awaitable[records.SubSession]) -> Changed:
    try:
        return Changed(await change)
    except DomainError as error:
        return Changed(None, expected(error))
