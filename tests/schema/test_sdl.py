"""The schema as a product: committed, described, consistently named."""

from pathlib import Path

from graphql import (
    DirectiveDefinitionNode,
    EnumTypeDefinitionNode,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    parse,
)

import schema.root

COMMITTED = Path(schema.root.__file__).with_name("schema.graphql")


def test_the_committed_schema_is_the_one_served() -> None:
    assert COMMITTED.read_text() == schema.root.schema.as_str() + "\n", "run: goalarc schema > schema/schema.graphql"


def test_everything_is_described() -> None:
    bare: list[str] = []
    for node in parse(COMMITTED.read_text()).definitions:
        assert not isinstance(node, DirectiveDefinitionNode)
        name = node.name.value
        bare += [name] if node.description is None else []
        if isinstance(node, EnumTypeDefinitionNode):
            bare += [f"{name}.{value.name.value}" for value in node.values or () if value.description is None]
        if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode | InputObjectTypeDefinitionNode):
            for field in node.fields or ():
                place = f"{name}.{field.name.value}"
                bare += [place] if field.description is None else []
                arguments = getattr(field, "arguments", None) or ()
                bare += [f"{place}({a.name.value})" for a in arguments if a.description is None]
    assert bare == []


def test_names_follow_the_conventions() -> None:
    for node in parse(COMMITTED.read_text()).definitions:
        name = node.name.value
        if isinstance(node, EnumTypeDefinitionNode):
            assert all(value.name.value.isupper() for value in node.values or ())
        if isinstance(node, InputObjectTypeDefinitionNode):
            assert name.endswith("Input") or name == "TimeRange"
        if isinstance(node, ObjectTypeDefinitionNode):
            assert all("_" not in field.name.value for field in node.fields or ()), name
        if name == "Mutation":
            assert isinstance(node, ObjectTypeDefinitionNode)
            for field in node.fields or ():
                assert [argument.name.value for argument in field.arguments or ()] == ["input"]
