"""Changing a JSON text in place: what is not changed stays as it was typed, its comments and commas too.

Settings of programs are typed by people. What those programs tell from one another is kept: comments, a comma too many,
the order, the indentation, the ends of lines.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from domain.values import JsonValue

_BLANK = re.compile(r"(?:[\s\ufeff]|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_PLAIN = re.compile(r"-?\d[\d.eE+-]*|true|false|null")
_DEEPEST = 200


class NotJson(ValueError):
    """The text is no JSON, or not of the shape that was expected of it."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value in a text, from `start` to `end`. `inner` are the values in it, `starts` where each begins, with its key;
    `keys` are theirs in an object, None in all others."""

    start: int
    end: int
    value: JsonValue
    inner: tuple["Node", ...] = ()
    starts: tuple[int, ...] = ()
    keys: tuple[str, ...] | None = None

    def at(self, key: str) -> "Node | None":
        """The member of an object; of several with this key the last counts."""
        found = [node for name, node in zip(self.keys or (), self.inner, strict=False) if name == key]
        return found[-1] if found else None


def parse(text: str) -> Node:
    """The value that the text is. Raises NotJson with the line in which it is none."""
    node = _value(text, _skip(text, 0), 0)
    if _skip(text, node.end) != len(text):
        raise _wrong(text, node.end)
    return node


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _wrong(text: str, at: int) -> NotJson:
    return NotJson(f"line {text.count(chr(10), 0, at) + 1} is not JSON")


def _value(text: str, at: int, depth: int) -> Node:
    if depth > _DEEPEST:
        raise NotJson("it is nested too deeply")
    if text[at : at + 1] in ("{", "["):
        return _container(text, at, depth)
    found = _STRING.match(text, at) or _PLAIN.match(text, at)
    if found is None:
        raise _wrong(text, at)
    try:
        return Node(at, found.end(), json.loads(found[0]))
    except ValueError:
        raise _wrong(text, at) from None


def _container(text: str, start: int, depth: int) -> Node:
    """An object or a list; a comma behind the last value is let pass."""
    closes = "}" if text[start] == "{" else "]"
    keys: list[str] = []
    inner: list[Node] = []
    starts: list[int] = []
    at = _skip(text, start + 1)
    while text[at : at + 1] != closes:
        starts.append(at)
        if closes == "}":
            key = _STRING.match(text, at)
            at = _skip(text, key.end()) if key else at
            if key is None or text[at : at + 1] != ":":
                raise _wrong(text, at)
            keys.append(str(json.loads(key[0])))
            at = _skip(text, at + 1)
        node = _value(text, at, depth + 1)
        inner.append(node)
        at = _skip(text, node.end)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != closes:
            raise _wrong(text, at)
    values = [node.value for node in inner]
    value: JsonValue = dict(zip(keys, values, strict=True)) if closes == "}" else values
    return Node(start, at + 1, value, tuple(inner), tuple(starts), tuple(keys) if closes == "}" else None)


def appended(text: str, path: Sequence[str], value: JsonValue) -> str:
    """The text with `value` at the end of the list that the keys of `path` lead to; what of them is missing is made.

    Raises NotJson where something else stands in the way.
    """
    node = parse(text)
    for depth, key in enumerate(path):
        if node.keys is None:
            raise NotJson(f"{'.'.join(path[:depth]) or 'the whole'} is not an object")
        found = node.at(key)
        if found is None:
            missing: JsonValue = [value]
            for name in reversed(path[depth + 1 :]):
                missing = {name: missing}
            return _put(text, node, f"{json.dumps(key)}: ", missing)
        node = found
    if not isinstance(node.value, list):
        raise NotJson(f"{'.'.join(path)} is not a list")
    return _put(text, node, "", value)


def with_member(text: str, key: str, value: JsonValue) -> str:
    """The text of an object with one more member, unless there is one of this name."""
    node = parse(text)
    return text if node.at(key) else _put(text, node, f"{json.dumps(key)}: ", value)


def _put(text: str, node: Node, key: str, value: JsonValue) -> str:
    """One more value at the end of a container, indented as the others are."""
    newline, unit = "\r\n" if "\r\n" in text else "\n", _unit(text)
    outer = _indent(text, node.start)
    if node.inner and "\n" not in text[node.start : node.end]:
        written = f"{key}{json.dumps(value, ensure_ascii=False)}"
        before, after = " ", ""
    else:
        indent = _indent(text, node.starts[0]) if node.inner else outer + unit
        lines = json.dumps(value, ensure_ascii=False, indent=unit).split("\n")
        written = key + f"{newline}{indent}".join(lines)
        before, after = newline + indent, newline + outer
    end = node.end - 1
    tail = node.start + len(text[node.start : end].rstrip())
    # A closing bracket that stands on a line of its own stays where it is.
    rest = text[tail:] if node.inner or "\n" in text[tail:end] else after + text[end:]
    if not node.inner:
        return text[:tail] + before + written + rest
    last = node.inner[-1].end
    comma = "" if text[_skip(text, last)] == "," else ","
    return text[:last] + comma + text[last:tail] + before + written + rest


def _indent(text: str, at: int) -> str:
    """What the line that holds this place begins with."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip())]


def _unit(text: str) -> str:
    root = parse(text)
    indented = root.inner and "\n" in text[root.start : root.starts[0]]
    return (_indent(text, root.starts[0]) if indented else "") or "  "


def without(text: str, node: Node, index: int) -> str:
    """The text without the value of this index in `node`, a container in it."""
    if len(node.inner) == 1:
        return text[: node.start + 1] + text[node.end - 1 :]
    start = len(text[: node.starts[index]].rstrip())
    comma = _skip(text, node.inner[index].end)
    if text[comma] == "," and index < len(node.inner) - 1:
        return text[:start] + text[comma + 1 :]
    before = _skip(text, node.inner[index - 1].end)
    return text[:before] + text[before + 1 : start] + text[node.inner[index].end :]
