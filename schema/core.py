"""The two calls into graphql-core that execute something."""

# Its Executor is generic and nowhere told in what, so its functions are half unknown to the type checker.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import inspect
from collections.abc import AsyncIterable

from graphql import ExecutionResult, Executor, GraphQLSchema, create_source_event_stream, execute

from resolvers.context import Context
from schema.documents import Prepared, RequestError
from schema.errors import Code


async def run(
    schema: GraphQLSchema, prepared: Prepared, context: Context, root: object = None, hide_suggestions: bool = False
) -> ExecutionResult:
    """A query or mutation; or a subscription for the one event that is its root."""
    result = execute(
        schema,
        prepared.document,
        root_value=root,
        context_value=context,
        variable_values=dict(prepared.variables),
        operation_name=prepared.name,
        hide_suggestions=hide_suggestions,
    )
    return await result if inspect.isawaitable(result) else result


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
