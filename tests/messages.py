"""`make messages`: gives every catalogue the messages that the code says, and takes away those it no longer says.

What is translated stays as it is. Messages stand in the order of their letters, without places and dates, so that a
catalogue changes only where a message does.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
PACKAGES = ("domain", "persistence", "resolvers", "rest_compat", "schema", "server")
CATALOGUES = ROOT / "domain" / "languages" / "catalogues"


def said() -> dict[str, str | None]:
    """All messages of the code, each with its plural if it has one."""
    found: dict[str, str | None] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for one, many in said_in(path.read_text("utf-8")):
                if many and found.get(one, many) not in (many, None):
                    raise ValueError(f"{path}: {one!r} has two plurals")
                found[one] = many or found.get(one)
    return found


def said_in(code: str) -> Iterator[tuple[str, str | None]]:
    """What a module says: literal arguments of `say`, `count` and `msgid`. Names and the like were marked by `msgid`.

    Babel's own extractor cannot be used: it breaks at `count(b"...")` and passes over what it cannot read in silence.
    """
    if not any(f"{word}(" in code for word in ("say", "count", "msgid")):
        return
    for call in ast.walk(ast.parse(code)):
        match call:
            case ast.Call(ast.Attribute(attr="say"), [message, *_]) | ast.Call(ast.Name("msgid"), [message, *_]):
                yield from ((one, None) for one in literals(message))
            case ast.Call(ast.Attribute(attr="count"), [ast.Constant(str(one)), ast.Constant(str(many)), _]):
                yield one, many
            case ast.Call(ast.Attribute(attr="count"), [_, ast.Constant(str()) | ast.JoinedStr() | ast.IfExp(), _]):
                raise ValueError(f"not literal: {ast.unparse(call)}")
            case _:
                pass


def literals(message: ast.expr) -> Iterator[str]:
    match message:
        case ast.Constant(str(text)):
            yield text
        case ast.IfExp(_, one, other):
            yield from (*literals(one), *literals(other))
        case ast.Name() | ast.Attribute() | ast.Subscript() | ast.Call():
            pass
        case _:
            raise ValueError(f"not literal: {ast.unparse(message)}")


def updated(po: str, messages: Mapping[str, str | None]) -> str:
    """A catalogue's text for these messages. Its head, up to the first empty line, stays as it is."""
    head, _, _ = po.partition("\n\n")
    before = read_po(po.splitlines(keepends=True))
    after = Catalog(before.locale)
    for one, many in messages.items():
        id = (one, many) if many else one
        known = before.get(one)
        message = after.add(id, known.string if known and known.id == id else None)
        message.flags.discard("python-format")  # "50% of" is none
    body = BytesIO()
    write_po(body, after, width=0, omit_header=True, sort_output=True)
    return f"{head.rstrip()}\n\n{body.getvalue().decode().strip()}\n"


def main() -> None:
    messages = said()
    for path in sorted(CATALOGUES.glob("*.po")):
        text = updated(path.read_text("utf-8"), messages)
        path.write_text(text, "utf-8")
        lacking = text.count('msgstr ""\n') - 1 + text.count('msgstr[0] ""\n')
        sys.stdout.write(f"{path.name}: {len(messages)} messages, {lacking} to translate\n")


if __name__ == "__main__":
    main()
