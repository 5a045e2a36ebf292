"""How a document is made ready: parsed and validated once, weighed each time, because its variables count."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from sys import getsizeof

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)

from domain.values import JsonValue
from resolvers.kept import Kept
from schema.errors import Code, unresolved
from schema.limits import TooMuch, weigh
from schema.shapes import shapes_of

MAX_TOKENS = 2_000
MAX_CHARS = 200_000
"""Of a document: comments and strings are read character by character, and kept with it."""
MAX_DIGITS = 1_000
"""Of a number: Python refuses to read one of more than 4,300."""
BYTES_KEPT = 60_000_000
"""In the documents that are kept."""
_TOKEN_BYTES = 600
_LONG_NUMBER = re.compile(rf"[0-9]{{{MAX_DIGITS + 1}}}")
_MAX_ERRORS = 20

Variables = Mapping[str, JsonValue]


class RequestError(Exception):
    """Nothing of the operation is executed; `errors` say why. `fallback` is the code of those that have none."""

    def __init__(self, errors: Sequence[GraphQLError], fallback: Code = Code.GRAPHQL_VALIDATION_FAILED) -> None:
        super().__init__(errors[0].message if errors else "")
        self.errors = errors
        self.fallback = fallback


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation that may be executed, with its variables. `cost`: fields in the answer, as far as can be told."""

    text: str
    document: DocumentNode
    operation: OperationDefinitionNode
    variables: Variables
    cost: int

    @property
    def type(self) -> OperationType:
        return self.operation.operation

    @property
    def name(self) -> str | None:
        return None if self.operation.name is None else self.operation.name.value


class Documents:
    """The documents of one schema that were seen of late."""

    def __init__(self, schema: GraphQLSchema, introspection: bool = True, suggestions: bool = True) -> None:
        self._schema = schema
        self._shapes = shapes_of(schema)
        self._suggestions = suggestions
        self._rules: Sequence[type[ASTValidationRule]] = (
            specified_rules if introspection else (*specified_rules, NoSchemaIntrospectionCustomRule)
        )
        self._seen: Kept[str, _Seen] = Kept(BYTES_KEPT)

    def prepare(self, text: str, name: str | None, variables: Variables) -> Prepared:
        """Weighed before the costlier validation. Raises RequestError."""
        seen = self._seen.get(text) or self._parse(text)
        operation = _named(seen.document, name)
        try:
            cost = weigh(self._shapes, seen.document, operation, variables)
        except TooMuch as excess:
            raise _refused(str(excess), Code.QUERY_TOO_COMPLEX) from None
        if errors := self._validate(seen):
            raise RequestError(errors)
        return Prepared(text, seen.document, operation, variables, cost)

    def _parse(self, text: str) -> "_Seen":
        if len(text) > MAX_CHARS:
            message = f"a document of more than {MAX_CHARS} characters: large values belong into variables"
            raise _refused(message, Code.QUERY_TOO_COMPLEX)
        if _LONG_NUMBER.search(text):
            raise _refused(f"more than {MAX_DIGITS} digits in a row", Code.QUERY_TOO_COMPLEX)
        try:
            seen = _Seen(parse(text, max_tokens=MAX_TOKENS))
        except GraphQLError as error:
            raise RequestError([error]) from None
        # The text is there twice if it is one long string.
        self._seen.put(text, seen, _TOKEN_BYTES * seen.document.token_count + 2 * getsizeof(text))
        return seen

    def _validate(self, seen: "_Seen") -> Sequence[GraphQLError]:
        if seen.errors is None:
            hidden = not self._suggestions
            seen.errors = validate(self._schema, seen.document, self._rules, _MAX_ERRORS, hide_suggestions=hidden)
        return seen.errors


@dataclass(slots=True, eq=False)
class _Seen:
    """A parsed document; its errors once it was validated."""

    document: DocumentNode
    errors: Sequence[GraphQLError] | None = None


def _named(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if name is None and len(operations) > 1:
        message = "the document holds several operations: say in operationName which one to run"
        raise _refused(message, Code.OPERATION_RESOLUTION_FAILURE)
    if name is not None:
        operations = [operation for operation in operations if operation.name and operation.name.value == name]
    if not operations:
        raise RequestError([unresolved(name)])
    return operations[0]


def _refused(message: str, code: Code) -> RequestError:
    return RequestError([GraphQLError(message, extensions={"code": code.value})])
