"""Translations, from the gettext files beside this one."""

import gettext
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from babel.messages.pofile import read_po

from domain.languages.negotiation import Language


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What one language has for each English message. A plural message stands under its singular, in all its forms;
    `form` says which of them a number takes."""

    messages: Mapping[str, tuple[str, ...]]
    form: Callable[[int], int]


def _english(n: int) -> int:
    return 0 if n == 1 else 1


@cache
def catalogue_of(language: Language) -> Catalogue:
    """Read once for each language. English has none: its messages are the keys."""
    if language is Language.EN:
        return Catalogue({}, _english)
    text = files("domain.languages").joinpath(f"catalogues/{language}.po").read_text("utf-8")
    return read(text, language)


def read(po: str, language: Language) -> Catalogue:
    """A catalogue from the text of its file; messages that are unsure or have an empty form are left out."""
    read_from = read_po(po.splitlines(keepends=True), locale=language.replace("-", "_"))
    messages: dict[str, tuple[str, ...]] = {}
    for message in read_from:
        key = message.id if isinstance(message.id, str) else message.id[0]
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))
        if key and all(forms) and not message.fuzzy:
            messages[key] = forms
    return Catalogue(messages, gettext.c2py(read_from.plural_expr))
