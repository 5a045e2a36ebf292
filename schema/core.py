"""The two calls into graphql-core that execute something."""

# Its Executor is generic and nowhere told in what, so its functions are half unknown to the type checker.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import inspect
from collections.abc import AsyncIterable, Iterable, Sized
from typing import NamedTuple

from graphql import (
    ExecutionResult,
    Executor,
    GraphQLList,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    create_source_event_stream,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.pyutils import AwaitableOrValue, Path

from domain.errors import DomainError
from resolvers.context import Context
from schema.documents import Prepared, RequestError
from schema.errors import Code

MAX_FIELDS = 50_000
"""In an answer, where its lists are longer than could be told beforehand."""


class Ran(NamedTuple):
    """`fields`: how many were executed, whatever became of them."""

    result: ExecutionResult
    fields: int


class _TooLarge(DomainError):
    code = Code.QUERY_TOO_COMPLEX.value


class _Counting(Executor[None]):
    """Counts the fields as they are executed, and ends what would go on and on: lists within lists that nobody can
    tell the length of beforehand."""

    fields = 0

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: object,
        path: Path | None,
        grouped_field_set: GroupedFieldSet,
        position_context: None,
    ) -> AwaitableOrValue[dict[str, object]]:
        self.fields += len(grouped_field_set)
        self._check(0)
        return super().execute_fields(parent_type, source_value, path, grouped_field_set, position_context)

    def complete_list_value(
        self,
        return_type: GraphQLList[GraphQLOutputType],  # pyright: ignore[reportUnknownParameterType] half known there, too
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Context],
        path: Path,
        result: AsyncIterable[object] | Iterable[object],
        position_context: None,
    ) -> AwaitableOrValue[list[object]]:
        if isinstance(result, Sized):
            self._check(len(result))
        return super().complete_list_value(return_type, field_details_list, info, path, result, position_context)

    def _check(self, more: int) -> None:
        """Whether there is room for `more` objects, none of which is begun otherwise."""
        if self.fields + more > MAX_FIELDS:
            raise _TooLarge(f"an answer has at most {MAX_FIELDS} fields: ask for fewer items or fields")


async def run(
    schema: GraphQLSchema, prepared: Prepared, context: Context, root: object = None, hide_suggestions: bool = False
) -> Ran:
    """A query or mutation; or a subscription for the one event that is its root."""
    executor = _Counting.build(
        schema,
        prepared.document,
        root_value=root,
        context_value=context,
        raw_variable_values=dict(prepared.variables),
        operation_name=prepared.name,
        hide_suggestions=hide_suggestions,
    )
    if isinstance(executor, list):
        return Ran(ExecutionResult(None, executor), 0)
    assert isinstance(executor, _Counting)
    result = executor.execute_operation()
    result = await result if inspect.isawaitable(result) else result
    assert isinstance(result, ExecutionResult)
    return Ran(result, executor.fields)


async def open_source(schema: GraphQLSchema, prepared: Prepared, context: Context) -> AsyncIterable[object]:
    """What the resolver of a subscription yields. Raises RequestError for variables that do not fit."""
    executor = Executor.build(
        schema,
        prepared.document,
        context_value=context,
        raw_variable_values=dict(prepared.variables),
        operation_name=prepared.name,
    )
    if isinstance(executor, list):
        raise RequestError(executor, Code.BAD_USER_INPUT)
    source = create_source_event_stream(executor)
    if inspect.isawaitable(source):
        source = await source
    if isinstance(source, ExecutionResult):
        raise RequestError(source.errors or (), Code.BAD_USER_INPUT)
    return source
