"""Trusted documents: registered by whoever deploys a front end, asked for by the requests of its users."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import persistence.document_files
import persistence.documents
from domain.documents import Entry, Flaw, TrustedDocument, Unfit, is_id, plain, read_manifest, sha256_of
from domain.errors import Invalid, NotFound
from persistence.database import Urls, owner_scope
from persistence.document_files import DOCUMENTS, MANIFESTS
from resolvers.context import Services

Check = Callable[[str], tuple[str, ...]]
"""The names of a document's operations, "" for one without; () where it holds none. Raises Unfit."""


async def find_document(services: Services, id: str) -> str | None:
    """The text of the trusted document with this id."""
    async with services.database.single() as db:
        return await persistence.documents.find_text(db, id)


# What follows is done by whoever operates the server, over the owner's connection.


@dataclass(frozen=True, slots=True)
class AddProblem:
    """Something in that line of a file, or with line 0 the whole file, could not be added."""

    file: str
    line: int
    reason: str


@dataclass(slots=True)
class AddSummary:
    """`added` are new or have a new id, `known` were there already, `ignored` files of folders hold no operation."""

    added: list[TrustedDocument] = field(default_factory=list[TrustedDocument])
    known: int = 0
    ignored: int = 0
    errors: list[AddProblem] = field(default_factory=list[AddProblem])


@dataclass(frozen=True, slots=True)
class _Wish:
    document: TrustedDocument
    file: str
    line: int


async def add_documents(urls: Urls, paths: Sequence[Path], check: Check, now: datetime) -> AddSummary:
    """Has this server trust what these files, manifests and folders hold; what is wrong is told, all else is added.

    Adding again changes nothing. What goes by an id that stands for another text already is wrong.
    """
    summary = AddSummary()
    found = persistence.document_files.find(paths)
    summary.errors += [AddProblem(str(path), 0, reason) for path, reason in found.unreadable]
    wishes = [wish for path, named in found.files.items() for wish in _wishes(path, named, check, now, summary)]
    async with owner_scope(urls) as db:
        await persistence.documents.lock(db)
        wanted = {id for wish in wishes for id in wish.document.ids}
        taken = dict(await persistence.documents.sha256_by_id(db, wanted))
        summary.added = list(_new(wishes, taken, summary))
        await persistence.documents.save(db, summary.added)
    return summary


def _wishes(path: Path, named: bool, check: Check, now: datetime, summary: AddSummary) -> Iterator[_Wish]:
    file = str(path)
    for entry in _entries(path):
        try:
            if isinstance(entry, Flaw):
                raise Unfit(entry.reason, entry.line)
            document = _document(entry, check, now)
            if document.operations:
                yield _Wish(document, file, entry.line)
            elif named:
                raise Unfit("holds no operation", entry.line)
            else:
                summary.ignored += 1
        except Unfit as unfit:
            summary.errors.append(AddProblem(file, unfit.line, str(unfit)))


def _entries(path: Path) -> Iterable[Entry | Flaw]:
    if not path.name.endswith(DOCUMENTS + MANIFESTS):
        return [Flaw(0, f"ends neither in {', '.join(DOCUMENTS)} nor in {', '.join(MANIFESTS)}")]
    try:
        raw = path.read_bytes()
        if path.name.endswith(MANIFESTS):
            return read_manifest(raw)
        text = raw.decode("utf-8-sig")
    except OSError as error:
        return [Flaw(0, error.strerror or type(error).__name__)]
    except UnicodeDecodeError:
        return [Flaw(0, "is not UTF-8")]
    return [Entry(0, None, text)]


def _document(entry: Entry, check: Check, now: datetime) -> TrustedDocument:
    """Raises Unfit, with the line in the file."""
    try:
        operations = check(entry.text)
    except Unfit as unfit:
        if entry.id is None:
            raise
        raise Unfit(f"{entry.id}, line {unfit.line}: {unfit}", entry.line) from None
    sha256 = sha256_of(entry.text)
    return TrustedDocument(sha256, entry.text, operations, frozenset({sha256, entry.id or sha256}), now)


def _new(wishes: Iterable[_Wish], taken: dict[str, str], summary: AddSummary) -> Iterator[TrustedDocument]:
    """What is to be stored, under those of its ids that are new; `taken` grows with it."""
    for wish in wishes:
        document = wish.document
        others = sorted(id for id in document.ids if taken.get(id, document.sha256) != document.sha256)
        new = document.ids - taken.keys()
        if others:
            reason = f"the id {others[0]} stands for another text already"
            summary.errors.append(AddProblem(wish.file, wish.line, reason))
        elif new:
            taken |= dict.fromkeys(new, document.sha256)
            yield replace(document, ids=new)
        else:
            summary.known += 1


async def list_documents(urls: Urls) -> list[TrustedDocument]:
    """All trusted documents, the oldest first."""
    async with owner_scope(urls) as db:
        return await persistence.documents.documents(db)


async def delete_documents(urls: Urls, ids: Sequence[str]) -> int:
    """Ends the trust in these documents, under all their ids; how many they were. Servers notice within a minute.

    Raises NotFound, and removes none, where an id is not known; Invalid for what cannot be one.
    """
    wanted = {plain(id) for id in ids}
    if odd := sorted(id for id in wanted if not is_id(id)):
        raise Invalid(f"{odd[0]!a} is no id of a document")
    async with owner_scope(urls) as db:
        found = await persistence.documents.sha256_by_id(db, wanted)
        if unknown := sorted(wanted - found.keys()):
            raise NotFound(f"no trusted document {', '.join(unknown)}")
        return await persistence.documents.delete(db, set(found.values()))
