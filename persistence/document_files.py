"""GraphQL files and manifests on disk."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

DOCUMENTS = (".graphql", ".gql")
MANIFESTS = (".json",)


@dataclass(slots=True)
class Found:
    """`files` tells of each whether it was asked for by its name; the others lie below a folder that was."""

    files: dict[Path, bool] = field(default_factory=dict[Path, bool])
    unreadable: list[tuple[Path, str]] = field(default_factory=list[tuple[Path, str]])


def find(paths: Sequence[Path]) -> Found:
    """The files that `paths` name and the GraphQL files below their folders, each once."""
    found = Found()
    for path in paths:
        if path.is_dir():
            for file in _below(path, found):
                found.files.setdefault(file, False)
        elif path.is_file():
            found.files[path] = True
        else:
            reason = "is neither a file nor a folder" if path.exists() else "there is no such file or folder"
            found.unreadable.append((path, reason))
    return found


def _below(folder: Path, found: Found) -> Iterator[Path]:
    def note(error: OSError) -> None:
        found.unreadable.append((Path(error.filename), error.strerror or type(error).__name__))

    walk = os.walk(folder, onerror=note)
    yield from sorted(Path(up, name) for up, _, names in walk for name in names if name.endswith(DOCUMENTS))
