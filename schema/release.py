"""`make release-schema`: writes down what the version under way promises, once nothing speaks against it."""

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from graphql import GraphQLSchema, build_schema

from schema.changes import find_breaks, find_dangers, find_hasty, find_unclear
from schema.root import schema
from schema.since import RELEASES, releases, version_under_way


def release(sdl: str, version: str, today: date, folder: Path = RELEASES) -> list[str]:
    """Writes `<version>.graphql` and answers what careful clients should be told of.

    Raises ValueError, with a line for each, where promises would be broken.
    """
    now, before = build_schema(sdl), releases(folder)
    promised = before[-1].read_text() if before else sdl
    file = folder / f"{version}.graphql"
    objections = list(_objections(promised, now, today))
    if file.exists():
        objections.append(f"{version} is released already: raise the version in pyproject.toml")
    if objections:
        raise ValueError("\n".join(objections))
    folder.mkdir(exist_ok=True)
    file.write_text(sdl)
    return find_dangers(promised, now, today)


def _objections(promised: str, now: GraphQLSchema, today: date) -> Iterator[str]:
    yield from find_breaks(promised, now, today)
    for coordinate in find_unclear(now):
        yield f"{coordinate} is deprecated without a replacement or a last day."
    for coordinate in find_hasty(promised, now, today):
        yield f"{coordinate} would end too soon."


def main() -> None:
    version = version_under_way()
    try:
        dangers = release(schema.as_str() + "\n", version, datetime.now(UTC).date())
    except ValueError as error:
        sys.exit(f"not released:\n{error}")
    sys.stdout.write("\n".join([f"schema/releases/{version}.graphql is written: commit it", *dangers]) + "\n")


if __name__ == "__main__":
    main()
