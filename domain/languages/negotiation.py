"""Which language a reader gets: RFC 4647 lookup, where a tag without a script gets its likely one."""

import re
from enum import StrEnum
from typing import cast

from babel.core import get_global


class Language(StrEnum):
    """Languages that everything is written in, by BCP 47 tag. `EN` stands in for all others."""

    EN = "en"
    DE = "de"
    FR = "fr"
    ES = "es"
    PT = "pt"
    RU = "ru"
    JA = "ja"
    KO = "ko"
    ZH_HANS = "zh-Hans"
    ZH_HANT = "zh-Hant"


LONGEST = 1_000
"""Characters of a header that are looked at; no browser sends a tenth of it. A longer one asks for nothing."""

_RANGE = re.compile(
    r"[ \t]*(?P<range>\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)[ \t]*"
    r"(?:;[ \t]*[Qq]=(?P<q>0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)[ \t]*)?"
)
_BY_TAG = {str(language): language for language in Language}
_CHINESE = {"zh": "zh", "cmn": "zh", "yue": "yue"}
_LIKELY = cast("dict[str, str]", get_global("likely_subtags"))


def choose(accept_language: str | None) -> Language:
    """The installed language that an `Accept-Language` header wants most; English where none is.

    Parts that are no language range are passed over. `*` stands for English, or the first language that `q=0` does
    not refuse; it is asked last, as RFC 4647, section 3.4, has it.
    """
    if accept_language is None or len(accept_language) > LONGEST:
        return Language.EN
    ranges = _ranges(accept_language)
    wanted = sorted((one for one in ranges if one[1] > 0 and one[0] != "*"), key=lambda one: -one[1])
    found = next((language for tag, _ in wanted if (language := _lookup(tag))), None)
    if found is None and any(tag == "*" and q > 0 for tag, q in ranges):
        refused = {_lookup(tag) for tag, q in ranges if q == 0}
        found = next((language for language in Language if language not in refused), None)
    return found or Language.EN


def _ranges(header: str) -> list[tuple[str, float]]:
    """Language ranges in the order they stand, in small letters, each with its weight."""
    found = (_RANGE.fullmatch(part) for part in header.split(","))
    return [(one["range"].lower(), float(one["q"] or 1)) for one in found if one]


def _lookup(tag: str) -> Language | None:
    """The language that a tag, cut short from its end as far as needed, names."""
    primary, *rest = tag.split("-")
    if primary in _CHINESE:
        return Language.ZH_HANT if _is_traditional(_CHINESE[primary], rest) else Language.ZH_HANS
    return _BY_TAG.get(primary)


def _is_traditional(primary: str, rest: list[str]) -> bool:
    """Whether Chinese is meant in traditional characters: by its script, else by what is likely where it is read."""
    if rest and rest[0] in _CHINESE:
        primary, rest = _CHINESE[rest[0]], rest[1:]
    if rest and rest[0] in ("hans", "hant"):
        return rest[0] == "hant"
    region = next((part.upper() for part in rest if len(part) == 2), "")
    return "Hant" in _LIKELY.get(f"{primary}_{region}", _LIKELY[primary])
