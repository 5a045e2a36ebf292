"""Expected failures of what is done about insights."""

from collections.abc import Sequence

import strawberry

from domain.errors import DomainError, Fault, NotFound
from domain.insights.errors import InsightFault
from domain.insights.saved import InsightId
from schema import nodes
from schema.insight_outcomes import InsightFault as InsightErrorCode
from schema.user_errors import UserError, expected, read_id


@strawberry.type(description="Why something about an insight is not done.")
class InsightError(UserError):
    code: InsightErrorCode = strawberry.field(description="What is wrong, for programs.")


def faults_of(error: DomainError) -> Sequence[Fault]:
    """What `userErrors` says of it. Raises an error again that no input explains.

    What is wrong inside a query is told in the words of the message: the place is one of the stored document.
    """
    if isinstance(error, NotFound) and not error.faults:
        return (Fault(InsightFault.NOT_FOUND, str(error), ("id",)),)
    return [_placed(fault) for fault in expected(error)]


_OWN = {"tags", "ids", "name", "description", "folder", "note", "id", "until"}
_CALLED = {"derived_name": "derivedName", "raw_password": "password", "password_required": "passwordNeeded"}


def _placed(fault: Fault) -> Fault:
    field = fault.field
    if field is None or (field[0] in _OWN and len(field) == 1):
        return fault
    return Fault(fault.code, fault.message, (_CALLED.get(field[0], "query"),))


def insight_number(id: str) -> InsightId:
    """Raises Invalid with a fault."""
    return read_id(nodes.insight_number, id, InsightFault.INVALID_ID, "id")
