"""What GraphiQL opens with is GraphQL that the schema takes, within the limits, and that a developer may run."""

from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, OperationType, parse, validate

from schema.limits import weigh
from schema.root import schema
from schema.shapes import shapes_of
from tests.schema.asking import Asker
from tests.schema.graph import GRAPH

FOLDER = Path(__file__).parents[2] / "web" / "graphiql" / "examples"
EXAMPLES = {file.stem: file.read_text() for file in sorted(FOLDER.glob("*.graphql"))}


def operation_of(text: str) -> OperationDefinitionNode:
    [operation] = parse(text).definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation


def test_there_are_examples_of_each_kind_of_operation_under_names_of_their_own() -> None:
    operations = [operation_of(text) for text in EXAMPLES.values()]
    assert {operation.operation for operation in operations} == set(OperationType)
    assert len({operation.name.value for operation in operations if operation.name}) == len(EXAMPLES) >= 6


@pytest.mark.parametrize("name", EXAMPLES)
async def test_each_example_is_valid_and_runs(ada: Asker, name: str) -> None:
    text, operation = EXAMPLES[name], operation_of(EXAMPLES[name])
    assert text.startswith("# "), "says what it shows"
    assert validate(GRAPH, parse(text)) == []
    assert weigh(shapes_of(schema.graphql_schema), parse(text), operation, {}) > 0
    if operation.operation is not OperationType.SUBSCRIPTION:
        data = await ada.data(text)
        assert data.get("runInsight", {}).get("userErrors", []) == []
