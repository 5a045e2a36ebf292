"""Places in the input of a query, by those in its document."""

import pytest
from graphql import GraphQLInputObjectType, get_named_type, is_list_type, is_non_null_type

import schema.insight_places
from schema.root import schema as graph

NAMES = schema.insight_places._NAMES  # pyright: ignore[reportPrivateUsage]
TYPES = graph.graphql_schema.type_map


@pytest.mark.parametrize("kind", NAMES)
def test_every_place_is_one_of_the_input(kind: str) -> None:
    root = TYPES["InsightQueryInput"]
    assert isinstance(root, GraphQLInputObjectType)
    for place in NAMES[kind].values():
        found = root.fields[kind].type
        for step in place.split("."):
            if step == "*":
                assert is_list_type(found.of_type if is_non_null_type(found) else found), place
                continue
            of = get_named_type(found)
            assert isinstance(of, GraphQLInputObjectType), place
            assert step in of.fields, (kind, place)
            found = of.fields[step].type
