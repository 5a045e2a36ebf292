"""Which language a header gets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.languages import Language, choose
from domain.languages.negotiation import LONGEST


@pytest.mark.parametrize("language", Language)
def test_each_language_is_found_by_its_tag_in_any_letters(language: Language) -> None:
    assert choose(language) is choose(language.upper()) is choose(f" {language.lower()} ") is language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("de-AT", "de"),
        ("de-Latn-CH-1996-x-private", "de"),
        ("pt-PT", "pt"),
        ("pt-BR,pt;q=0.9,en;q=0.8", "pt"),
        ("es-419", "es"),
        # the script, or the likely one
        ("zh", "zh-Hans"),
        ("zh-CN,zh;q=0.9", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("zh-MY", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-mo", "zh-Hant"),
        ("zh-Hant-CN", "zh-Hant"),
        ("zh-Hans-TW", "zh-Hans"),
        ("zh-cmn-Hant", "zh-Hant"),
        ("zh-yue", "zh-Hant"),
        ("zh-yue-CN", "zh-Hans"),
        ("yue", "zh-Hant"),
        ("cmn-TW", "zh-Hant"),
        ("zh-Latn-pinyin", "zh-Hans"),
        # weights
        ("fr;q=0.2, ru;q=0.9", "ru"),
        ("fr, ru", "fr"),
        ("it, nl;q=0.9, ko;q=0.1", "ko"),
        ("fr ; q=0.2 ,\tja ; Q=0.3", "ja"),
        ("fr;q=0, ja;q=0.001", "ja"),
        ("de;q=0", "en"),
        # anything
        ("*", "en"),
        ("it, *;q=0.5", "en"),
        ("*, de;q=0.1", "de"),
        ("en;q=0, *;q=0.5", "de"),
        ("*;q=0", "en"),
        ("zh-TW;q=0, de;q=0, en;q=0, *", "fr"),
        # what is no language range
        ("de;q=2", "en"),
        ("de;q=-1, fr;q=0.1", "fr"),
        ("de;q=0.1234", "en"),
        ("de;q=nan", "en"),
        ("de;q=", "en"),
        ("de_DE", "en"),
        ("*-CH", "en"),
        ("dé", "en"),
        ("de\r\nSet-Cookie: x", "en"),
        ("../../de", "en"),
        ("<script>,;;;,=,ja", "ja"),
        ("german", "en"),
        ("d" * 9, "en"),
        ("de-" + "x" * 9, "en"),
    ],
)
def test_lookup(header: str | None, language: str) -> None:
    assert choose(header) == language


def test_a_header_of_endless_length_asks_for_nothing() -> None:
    assert choose("de" + "," * (LONGEST - 2)) is Language.DE
    assert choose("de" + "," * (LONGEST - 1)) is Language.EN


@given(st.text() | st.text("adehnrtz-*;=,.q019 ", max_size=80))
def test_whatever_stands_in_the_header_some_language_is_chosen(header: str) -> None:
    assert choose(header) in Language
