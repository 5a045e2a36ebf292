"""What a document may ask for. Looked at before validation, in time that grows with its length alone."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from graphql import (
    DirectiveNode,
    DocumentNode,
    ExecutableDefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
)

from schema.costs import costs_of
from schema.per_document import PerDocument
from schema.shapes import Shapes

MAX_DEFINITIONS = 50
MAX_FIELDS = 500
"""Also bounds the check whether fields overlap, which is quadratic."""
MAX_ALIASES = 50
MAX_DIRECTIVES = 50
MAX_DEPTH = 16
"""The introspection that tools send is 13 deep."""
MAX_NESTING = 64
"""Fragments within fields and within each other: all that walks a document recurses into them."""
MAX_COST = 50_000
"""Fields in the answer, as far as can be told beforehand; 10,000 take about a tenth of a second."""

MAX_EVENT_COST = 2_000
"""Of a subscription, which is charged once and executed for each event."""


class TooMuch(Exception):
    """A document beyond a limit, in words for whoever wrote it."""


def weigh(
    shapes: Shapes, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, object]
) -> int:
    """What this operation of the document costs with these variables, as the client sent them. Raises TooMuch.

    The document may be invalid in every way. All of it counts for its size, used or not: validation looks at all of it.
    What does not depend on the variables is worked out once per document.
    """
    excess = _excess_of(document)
    if excess is not None:
        raise TooMuch(excess)
    cost = costs_of(document).requested(shapes, operation, variables)
    most = MAX_EVENT_COST if operation.operation is OperationType.SUBSCRIPTION else MAX_COST
    if cost > most:
        raise TooMuch(f"a cost of {cost} is more than {most}: ask for fewer items or fields")
    return cost


def _find_excess(document: DocumentNode) -> str | None:
    """What is too much about a document whatever its variables, in words; None if nothing is."""
    if len(document.definitions) > MAX_DEFINITIONS:
        return f"more than {MAX_DEFINITIONS} operations and fragments"
    try:
        _Size(document).check()
    except TooMuch as excess:
        return str(excess)
    return None


_excess_of = PerDocument(_find_excess)


class _Extent(NamedTuple):
    """Of a selection: how many fields lie within each other, and how many braces."""

    depth: int = 0
    nesting: int = 0

    def check(self) -> None:
        if self.depth > MAX_DEPTH:
            raise TooMuch(f"fields nested deeper than {MAX_DEPTH} levels")
        if self.nesting > MAX_NESTING:
            raise TooMuch(f"fields and fragments nested deeper than {MAX_NESTING} levels")


class _Size:
    """Counts what stands in a document; each definition is walked once."""

    def __init__(self, document: DocumentNode) -> None:
        self._definitions = [node for node in document.definitions if isinstance(node, ExecutableDefinitionNode)]
        self._fragments = {
            node.name.value: node for node in self._definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._extents: dict[int, _Extent | None] = {}
        """By definition; None while it is being walked."""
        self._fields = self._aliases = self._directives = 0

    def check(self) -> None:
        """Raises TooMuch."""
        for node in self._definitions:  # of two fragments with one name validation looks at both
            self._definition(node, 0)

    def _definition(self, node: ExecutableDefinitionNode, nesting: int) -> _Extent:
        if id(node) not in self._extents:
            self._extents[id(node)] = None
            self._count_directives(node.directives)
            for variable in node.variable_definitions or ():
                self._count_directives(variable.directives)
            self._extents[id(node)] = self._selections(node.selection_set, nesting)
        extent = self._extents[id(node)]
        if extent is None:
            raise TooMuch("a fragment that holds itself")
        return extent

    def _selections(self, node: SelectionSetNode, nesting: int) -> _Extent:
        """`nesting`: of the braces around, so that this recursion ends in time."""
        _Extent(nesting=nesting + 1).check()
        below = [self._selection(selection, nesting + 1) for selection in node.selections]
        extent = _Extent(max(one.depth for one in below), 1 + max(one.nesting for one in below))
        extent.check()
        return extent

    def _selection(self, node: SelectionNode, nesting: int) -> _Extent:
        self._count_directives(node.directives)
        match node:
            case FieldNode():
                return self._field(node, nesting)
            case InlineFragmentNode():
                return self._selections(node.selection_set, nesting)
            case FragmentSpreadNode() if node.name.value in self._fragments:
                return self._definition(self._fragments[node.name.value], nesting)
            case _:
                return _Extent()

    def _field(self, node: FieldNode, nesting: int) -> _Extent:
        self._fields += 1
        self._aliases += node.alias is not None
        if self._fields > MAX_FIELDS or self._aliases > MAX_ALIASES:
            raise TooMuch(f"more than {MAX_FIELDS} fields or {MAX_ALIASES} aliases")
        below = _Extent() if node.selection_set is None else self._selections(node.selection_set, nesting)
        return _Extent(below.depth + 1, below.nesting)

    def _count_directives(self, directives: Sequence[DirectiveNode] | None) -> None:
        self._directives += len(directives or ())
        if self._directives > MAX_DIRECTIVES:
            raise TooMuch(f"more than {MAX_DIRECTIVES} directives")
