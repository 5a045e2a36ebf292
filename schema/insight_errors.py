"""Expected failures of what is done about insights."""

from collections.abc import Sequence

import strawberry

from domain.errors import DomainError, Fault, NotFound
from domain.insights.errors import InsightFault
from domain.insights.saved import InsightId
from schema import nodes
from schema.insight_outcomes import InsightFault as InsightErrorCode
from schema.insight_places import place_in
from schema.insight_query_inputs import InsightQueryInput
from schema.user_errors import UserError, expected, read_id


@strawberry.type(description="Why something about an insight is not done.")
class InsightError(UserError):
    code: InsightErrorCode = strawberry.field(description="What is wrong, for programs.")


def faults_of(error: DomainError, query: InsightQueryInput | None = None) -> Sequence[Fault]:
    """What `userErrors` says of it, inside the `query` of the input if it has one. Raises an error again that no input
    explains."""
    if isinstance(error, NotFound) and not error.faults:
        return (Fault(InsightFault.NOT_FOUND, str(error), ("id",)),)
    return [_placed(fault, query) for fault in expected(error)]


_OWN = {"tags", "ids", "name", "description", "folder", "note", "id", "until", "passwordId"}
_CALLED = {
    "derived_name": "derivedName",
    "raw_password": "password",
    "password_required": "passwordNeeded",
    "client_query_id": "clientQueryId",
}


def _placed(fault: Fault, query: InsightQueryInput | None) -> Fault:
    field = fault.field
    if field is None or field[0] in _OWN:
        return fault
    if field[0] in _CALLED:
        return Fault(fault.code, fault.message.replace(field[0], _CALLED[field[0]]), (_CALLED[field[0]],))
    if query is None:
        return Fault(fault.code, fault.message, ("id",))
    place = place_in(query, field)
    message = fault.message.removeprefix(f"{'.'.join(field)}: ")
    named = fault.message if message == fault.message or len(place) == 1 else f"{'.'.join(place[1:])}: {message}"
    return Fault(fault.code, named, ("query", *place))


def insight_number(id: str, *field: str) -> InsightId:
    """Raises Invalid with a fault at `field`, of `id` by default."""
    return read_id(nodes.insight_number, id, InsightFault.INVALID_ID, *(field or ("id",)))
