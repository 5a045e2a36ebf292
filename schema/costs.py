"""What an operation costs: the number of fields in its answer, told beforehand and counted afterwards.

A field costs 1, whatever its scalar holds, so a list costs its length times what is asked of each item.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import NamedTuple

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    EnumValueNode,
    ExecutableDefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)

from domain.values import JsonObject, JsonValue
from schema.per_document import PerDocument
from schema.shapes import SIZES, FieldShape, Shapes


class Costs:
    """Those of one document: what variables cannot change is added up once, with each fragment walked once.

    No fragment may hold itself: `schema.limits` sees to that.
    """

    def __init__(self, document: DocumentNode) -> None:
        nodes = document.definitions
        self._fragments = {node.name.value: node for node in nodes if isinstance(node, FragmentDefinitionNode)}
        self._tariffs: dict[int, _Tariff] = {}

    def requested(self, shapes: Shapes, operation: OperationDefinitionNode, variables: Mapping[str, object]) -> int:
        """The most that this operation of the document costs, provided that lists of unknown length are as guessed."""
        tariff = self._tariffs.get(id(operation))
        if tariff is None or tariff.shapes is not shapes:
            tariff = self._tariffs[id(operation)] = self._tariff(shapes, operation)
        return sum(tariff.sum.cost(_Given(variables, tariff.defaults)))

    def _tariff(self, shapes: Shapes, operation: OperationDefinitionNode) -> "_Tariff":
        parent = operation.operation.value.capitalize()
        added = _Adding(shapes, self._fragments).selections(operation.selection_set, parent)
        defaults = {
            node.variable.name.value: _NOTHING_GIVEN.value(node.default_value)
            for node in operation.variable_definitions or ()
            if node.default_value is not None
        }
        return _Tariff(shapes, added, defaults)


costs_of = PerDocument(Costs)


class _Cost(NamedTuple):
    """Of a selection: `once`, and `each` for every item that was asked for together with the object around it."""

    once: int = 0
    each: int = 0


def _total(costs: Iterable[_Cost]) -> _Cost:
    once = each = 0
    for cost in costs:
        once, each = once + cost.once, each + cost.each
    return _Cost(once, each)


@dataclass(frozen=True, slots=True)
class _Given:
    """The variables of one request; `known`: what sums come to with them, each added up once."""

    variables: Mapping[str, object]
    defaults: Mapping[str, object]
    known: "dict[int, _Cost]" = field(default_factory=dict[int, _Cost])

    def variable(self, name: str) -> object:
        return self.variables[name] if name in self.variables else self.defaults.get(name)

    def value(self, node: ValueNode) -> object:
        """As far as costs depend on it: what is in a list, or deeper in an object, stays as it was parsed."""
        match node:
            case VariableNode():
                return self.variable(node.name.value)
            case IntValueNode():
                return int(node.value) if len(node.value) < 12 else node.value
            case BooleanValueNode() | EnumValueNode() | StringValueNode():
                return node.value
            case ListValueNode():
                return node.values
            case ObjectValueNode():
                return {part.name.value: self._member(part.value) for part in node.fields}
            case NullValueNode():
                return None
            case _:
                return node

    def _member(self, node: ValueNode) -> object:
        return node if isinstance(node, ObjectValueNode) else self.value(node)


_NOTHING_GIVEN = _Given({}, {})


@dataclass(frozen=True, slots=True)
class _Sum:
    """Of a selection set: what is known of the document alone, and the parts that wait for variables."""

    fixed: _Cost
    waiting: "tuple[_Part, ...]" = ()

    def cost(self, given: _Given) -> _Cost:
        if not self.waiting:
            return self.fixed
        known = given.known.get(id(self))
        if known is None:
            known = given.known[id(self)] = _total([self.fixed, *(part.cost(given) for part in self.waiting)])
        return known


@dataclass(frozen=True, slots=True)
class _Tariff:
    """Of one operation."""

    shapes: Shapes
    sum: _Sum
    defaults: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Part:
    """A field, or without a shape a fragment. `switches`: variables, and the value with which each leaves it out."""

    below: _Sum
    switches: tuple[tuple[str, bool], ...]
    shape: FieldShape | None = None
    sizes: Mapping[str, ValueNode] = field(default_factory=dict[str, ValueNode])

    @property
    def is_settled(self) -> bool:
        open_sizes = any(isinstance(node, VariableNode | ObjectValueNode) for node in self.sizes.values())
        return not (self.switches or self.below.waiting or open_sizes)

    def cost(self, given: _Given) -> _Cost:
        if any(given.variable(name) is off for name, off in self.switches):
            return _Cost()
        below = self.below.cost(given)
        if self.shape is None:
            return below
        told = self.shape.told({name: given.value(node) for name, node in self.sizes.items()})
        return _field_cost(self.shape, below, told)


def _field_cost(shape: FieldShape, below: _Cost, told: int | None) -> _Cost:
    """A length that was `told` costs at least itself: a page is read even if only its `pageInfo` is asked for."""
    if shape.counted:
        return _Cost(1, sum(below))
    once, each = (0, sum(below)) if shape.is_list else below
    length = shape.length if told is None else told
    return _Cost(1 + once + max(ceil(length * each), told or 0))


_LEAF = _Sum(_Cost())
_UNKNOWN = FieldShape("")
_OFF = {"skip": True, "include": False}


class _Adding:
    """Adds up the selections of one operation."""

    def __init__(self, shapes: Shapes, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._shapes = shapes
        self._fragments = fragments
        self._sums: dict[str, _Sum] = {}

    def selections(self, node: SelectionSetNode, parent: str) -> _Sum:
        parts = [part for selection in node.selections if (part := self._part(selection, parent)) is not None]
        fixed = _total(part.cost(_NOTHING_GIVEN) for part in parts if part.is_settled)
        return _Sum(fixed, tuple(part for part in parts if not part.is_settled))

    def _part(self, node: SelectionNode, parent: str) -> _Part | None:
        """None for what is left out whatever the variables."""
        switches = _switches(node.directives or ())
        if switches is None:
            return None
        match node:
            case FieldNode():
                return self._field(node, parent, switches)
            case InlineFragmentNode():
                narrowed = parent if node.type_condition is None else node.type_condition.name.value
                return _Part(self.selections(node.selection_set, narrowed), switches)
            case FragmentSpreadNode():
                return _Part(self._fragment(node.name.value), switches)
            case _:
                return None

    def _field(self, node: FieldNode, parent: str, switches: tuple[tuple[str, bool], ...]) -> _Part:
        shape = self._shapes.get(parent, {}).get(node.name.value, _UNKNOWN)
        below = _LEAF if node.selection_set is None else self.selections(node.selection_set, shape.type)
        sizes = {argument.name.value: argument.value for argument in node.arguments or ()}
        return _Part(below, switches, shape, {name: value for name, value in sizes.items() if name in SIZES})

    def _fragment(self, name: str) -> _Sum:
        fragment = self._fragments.get(name)
        if fragment is None:
            return _LEAF
        if name not in self._sums:
            self._sums[name] = self.selections(fragment.selection_set, fragment.type_condition.name.value)
        return self._sums[name]


def _switches(directives: Iterable[DirectiveNode]) -> tuple[tuple[str, bool], ...] | None:
    """From `@skip` and `@include`; None if they leave something out for good."""
    switches: list[tuple[str, bool]] = []
    for directive in directives:
        off = _OFF.get(directive.name.value)
        for argument in directive.arguments or ():
            match argument.value:
                case VariableNode() if off is not None:
                    switches.append((argument.value.name.value, off))
                case BooleanValueNode(value=value) if value is off:
                    return None
                case _:
                    pass
    return tuple(switches)


def actual_cost(data: JsonObject | None, document: DocumentNode) -> int:
    """The number of fields in the answer to an operation of this document; what stands in JSON scalars is not counted.

    Where one name stands for an object here and for a JSON scalar there, the members of that scalar count, too.
    """
    branches = _branches_of(document)
    fields = 0
    waiting: list[JsonValue] = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            fields += len(value)
            for name in value:  # faster than a comprehension or an intersection: most objects are small
                if name in branches:
                    waiting.append(value[name])
        elif isinstance(value, list):
            waiting += value
    return fields


def _find_branches(document: DocumentNode) -> frozenset[str]:
    """The names under which answers hold objects or lists of them."""
    found: set[str] = set()
    executable = (node for node in document.definitions if isinstance(node, ExecutableDefinitionNode))
    waiting = [node.selection_set for node in executable]
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set is not None:
                waiting.append(node.selection_set)
            if isinstance(node, FieldNode) and node.selection_set is not None:
                found.add((node.alias or node.name).value)
    return frozenset(found)


_branches_of = PerDocument(_find_branches)
