"""What a query may ask for. Weighed before validation, in one pass in which each fragment is walked once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)

from schema.shapes import FieldShape, Shapes

MAX_DEFINITIONS = 50
MAX_FIELDS = 500
"""Also bounds the check whether fields overlap, which is quadratic."""
MAX_ALIASES = 50
MAX_DIRECTIVES = 50
MAX_DEPTH = 16
"""The introspection that tools send is 13 deep."""
MAX_COST = 50_000
"""Fields in the answer, as far as can be told beforehand; 10,000 take about a tenth of a second."""

_INTROSPECTION_LIST = 8
_INTROSPECTED = {"types", "fields", "args", "inputFields", "enumValues", "possibleTypes", "interfaces", "directives"}
"""The lists of introspection, whose types stand in no schema text."""


def find_excess(shapes: Shapes, document: DocumentNode, variables: Mapping[str, object]) -> str | None:
    """What is too much about a document, in words; None if nothing is."""
    if len(document.definitions) > MAX_DEFINITIONS:
        return f"more than {MAX_DEFINITIONS} operations and fragments"
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    try:
        _Scale(shapes, fragments, variables).unused()
        costs = [_Scale(shapes, fragments, variables).operation(operation) for operation in operations]
    except _TooMuch as excess:
        return str(excess)
    cost = max(costs, default=0)
    return None if cost <= MAX_COST else f"a cost of {cost} is more than {MAX_COST}: ask for fewer items or fields"


class _TooMuch(Exception):
    pass


@dataclass(frozen=True, slots=True)
class _Weight:
    """Of a selection: how deep it is, and how many fields it puts into the answer."""

    depth: int = 0
    cost: int = 0


class _Scale:
    """Weighs one operation: what its fragments weigh depends on its variables."""

    def __init__(
        self, shapes: Shapes, fragments: Mapping[str, FragmentDefinitionNode], variables: Mapping[str, object]
    ) -> None:
        self._shapes = shapes
        self._fragments = fragments
        self._variables = dict(variables)
        self._weights: dict[str, _Weight] = {}
        self._fields = self._aliases = self._directives = 0

    def operation(self, node: OperationDefinitionNode) -> int:
        """Its cost. Raises _TooMuch."""
        for definition in node.variable_definitions or ():
            if definition.default_value is not None:
                self._variables.setdefault(definition.variable.name.value, self._literal(definition.default_value))
        self._count_directives(node.directives)
        return self._selections(node.selection_set, node.operation.value.capitalize(), 0).cost

    def unused(self) -> None:
        """Also what no operation uses is looked at by validation. Raises _TooMuch."""
        for name in self._fragments:
            self._spread(name, 0)

    def _selections(self, node: SelectionSetNode, parent: str | None, depth: int) -> _Weight:
        if depth >= MAX_DEPTH:
            raise _TooMuch(f"fields nested deeper than {MAX_DEPTH} levels")
        parts = [self._selection(selection, parent, depth) for selection in node.selections]
        return _Weight(max((part.depth for part in parts), default=0), sum(part.cost for part in parts))

    def _selection(self, node: SelectionNode, parent: str | None, depth: int) -> _Weight:
        self._count_directives(node.directives)
        match node:
            case FieldNode():
                return self._field(node, parent, depth)
            case InlineFragmentNode():
                return self._selections(node.selection_set, self._narrowed(node, parent), depth)
            case FragmentSpreadNode():
                return self._spread(node.name.value, depth)
            case _:
                return _Weight()

    def _field(self, node: FieldNode, parent: str | None, depth: int) -> _Weight:
        self._fields += 1
        self._aliases += node.alias is not None
        if self._fields > MAX_FIELDS or self._aliases > MAX_ALIASES:
            raise _TooMuch(f"more than {MAX_FIELDS} fields or {MAX_ALIASES} aliases")
        if node.selection_set is None:
            return _Weight(1, 1)
        shape = self._shapes.get(parent or "", {}).get(node.name.value)
        below = self._selections(node.selection_set, shape and shape.type, depth + 1)
        return _Weight(below.depth + 1, 1 + self._items(node, shape) * below.cost)

    def _spread(self, name: str, depth: int) -> _Weight:
        fragment = self._fragments.get(name)
        if fragment is None:
            return _Weight()
        if name not in self._weights:
            self._weights[name] = _Weight()  # for a cycle, which validation refuses
            self._count_directives(fragment.directives)
            parent = fragment.type_condition.name.value
            self._weights[name] = self._selections(fragment.selection_set, parent, depth)
        if depth + self._weights[name].depth > MAX_DEPTH:
            raise _TooMuch(f"fields nested deeper than {MAX_DEPTH} levels")
        return self._weights[name]

    def _narrowed(self, node: InlineFragmentNode, parent: str | None) -> str | None:
        return parent if node.type_condition is None else node.type_condition.name.value

    def _items(self, node: FieldNode, shape: FieldShape | None) -> int:
        if shape is None:
            return _INTROSPECTION_LIST if node.name.value in _INTROSPECTED else 1
        return shape.items({a.name.value: self._literal(a.value) for a in node.arguments or () if self._given(a.value)})

    def _given(self, node: ValueNode) -> bool:
        return not isinstance(node, VariableNode) or node.name.value in self._variables

    def _literal(self, node: ValueNode) -> object:
        match node:
            case IntValueNode():
                return int(node.value) if len(node.value) < 12 else None
            case VariableNode():
                return self._variables.get(node.name.value)
            case ListValueNode():
                return node.values
            case _:
                return None

    def _count_directives(self, directives: Sequence[DirectiveNode] | None) -> None:
        self._directives += len(directives or ())
        if self._directives > MAX_DIRECTIVES:
            raise _TooMuch(f"more than {MAX_DIRECTIVES} directives")
