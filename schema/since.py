"""Which version brought what: said at the end of the descriptions, worked out from the releases.

The SDL of a release says it of all that the release holds, so only the newest one is read when a server starts. What
is not in it is new in the version under way.
"""

import re
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from graphql import GraphQLSchema, build_schema

from schema.elements import elements

RELEASES = Path(__file__).with_name("releases")
"""The SDL of each release, `<version>.graphql`, as `make release-schema` wrote it."""

_SAID = re.compile(r"Added in (\d+\.\d+)\.$")


def version_under_way() -> str:
    """Of the package, without the number of the patch: patches bring nothing new to the schema."""
    return ".".join(version("goalarc").split(".")[:2])


def releases(folder: Path = RELEASES) -> list[Path]:
    """Oldest first."""
    return sorted(folder.glob("*.graphql"), key=lambda file: [int(part) for part in file.stem.split(".")])


def first_versions(sdl: str) -> dict[str, str]:
    """The version that brought each element, as the SDL of a release says. Raises KeyError where it does not."""
    first: dict[str, str] = {}
    for coordinate, owner, definition in elements(build_schema(sdl, assume_valid=True)):
        said = _SAID.search(definition.description or "")
        first[coordinate] = said[1] if said else first[owner or coordinate]
    return first


def known_versions(folder: Path = RELEASES) -> dict[str, str]:
    """What is known from the releases, by coordinate."""
    found = releases(folder)
    return first_versions(found[-1].read_text()) if found else {}


def say_versions(schema: GraphQLSchema, known: Mapping[str, str], new: str) -> None:
    """Adds to each type which version brought it, and to each part of it that came later; `new` for what is unknown."""
    first: dict[str, str] = {}
    for coordinate, owner, definition in elements(schema):
        first[coordinate] = known.get(coordinate, new)
        if owner is None or first[owner] != first[coordinate]:
            said = f"Added in {first[coordinate]}."
            definition.description = f"{definition.description} {said}" if definition.description else said
