"""What a document must be before it is trusted: one that this schema can answer."""

from collections.abc import Sequence

from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, parse, validate

from domain.documents import Unfit
from schema.documents import MAX_TOKENS


def operation_names(schema: GraphQLSchema, text: str) -> tuple[str, ...]:
    """The names of its operations, "" for one without; () where it holds none, in which case it is not looked at.

    Raises Unfit with the first error.
    """
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise Unfit("holds characters that are no text")  # and that PostgreSQL does not store
    try:
        operations = [node for node in parse(text).definitions if isinstance(node, OperationDefinitionNode)]
        errors = validate(schema, parse(text, max_tokens=MAX_TOKENS)) if operations else []
    except GraphQLError as error:
        raise _unfit([error]) from None
    if errors:
        raise _unfit(errors)
    return tuple("" if node.name is None else node.name.value for node in operations)


def _unfit(errors: Sequence[GraphQLError]) -> Unfit:
    first = errors[0]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return Unfit(f"{first.message}{more}", first.locations[0].line if first.locations else 1)
