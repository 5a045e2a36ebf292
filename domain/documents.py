"""Trusted GraphQL documents: what they are known by, and the manifests that front ends' builds write.

Three manifests are read: the map of ids to texts that the Relay compiler and the client preset of graphql-codegen
write, and Apollo's `apollo-persisted-query-manifest`, version 1.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from domain.values import JsonValue

APOLLO = "apollo-persisted-query-manifest"

_ID = re.compile(r"[!-~]{1,200}")
_PREFIX = "sha256:"


@dataclass(frozen=True, slots=True)
class TrustedDocument:
    """One that clients may ask for by each of its `ids`, of which `sha256` is always one; `operations` are names."""

    sha256: str
    text: str
    operations: tuple[str, ...]
    ids: frozenset[str]
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A text, with the id by which a manifest calls it and the line where it does; a file's own has neither."""

    line: int
    id: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """What cannot be used of a file; line 0 stands for the whole file."""

    line: int
    reason: str


class Unfit(Exception):
    """A text that is no document for this server; `line` counts from 1."""

    def __init__(self, reason: str, line: int = 1) -> None:
        super().__init__(reason)
        self.line = line


def sha256_of(text: str) -> str:
    """In lower-case hex, as GraphQL over HTTP and Apollo write it."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def plain(id: str) -> str:
    """The id as it is kept: `sha256:…` and the bare digest are one."""
    return id.removeprefix(_PREFIX)


def is_id(id: str) -> bool:
    """Whether it is one that could have been given: 1-200 printable ASCII characters."""
    return _ID.fullmatch(id) is not None


def read_manifest(raw: bytes) -> Iterator[Entry | Flaw]:
    """Its documents in order, and what is wrong in between."""
    try:
        manifest: JsonValue = json.loads(raw)
    except (ValueError, RecursionError) as error:
        yield Flaw(error.lineno if isinstance(error, json.JSONDecodeError) else 0, "is not JSON")
        return
    if not isinstance(manifest, dict):
        yield Flaw(0, "is no manifest: it must hold an object")
    elif "format" in manifest:
        yield from _of_apollo(manifest, _Places(raw))
    else:
        places = _Places(raw)
        for id, text in manifest.items():
            yield _entry(places.line(id), id, text)


def _of_apollo(manifest: Mapping[str, JsonValue], places: "_Places") -> Iterator[Entry | Flaw]:
    operations = manifest.get("operations")
    if manifest["format"] != APOLLO or manifest.get("version") != 1 or not isinstance(operations, list):
        yield Flaw(0, f"is a manifest of another format than {APOLLO}, version 1")
        return
    for operation in operations:
        match operation:
            case {"id": str(id), "body": body}:
                yield _entry(places.line(id), id, body)
            case _:
                yield Flaw(places.last, "an operation after this line has no id or no body")


def _entry(line: int, id: str, text: JsonValue) -> Entry | Flaw:
    if not is_id(id):
        return Flaw(line, "an id must have 1-200 printable ASCII characters, without blanks")
    if not isinstance(text, str):
        return Flaw(line, f"{id} has no text")
    return Entry(line, plain(id), text)


class _Places:
    """Where strings stand in a text of JSON, asked for in the order in which they come."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._position = 0
        self.last = 1

    def line(self, string: str) -> int:
        """The line of its next occurrence; where it is written in another way, that of the one before."""
        position = self._raw.find(json.dumps(string).encode(), self._position)
        if position >= 0:
            self.last += self._raw.count(b"\n", self._position, position)
            self._position = position
        return self.last
