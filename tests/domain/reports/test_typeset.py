"""What the template of the PDF is given: long names that lines can hold, and fonts in the order of the language."""

from typing import cast

import pytest

from domain.languages import Language
from domain.reports.document import Card, Text
from domain.reports.typeset import families, typeset
from domain.values import JsonObject
from tests.make_reports import make_document, make_stack


def blocks(*given: Text | Card) -> list[JsonObject]:
    [section] = cast("list[dict[str, list[JsonObject]]]", typeset(make_document(*given))["sections"])
    return section["blocks"]


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("a plain sentence of words", "a plain sentence of words"),
        ("src/format.ts", "src/format.ts"),
        ("tests/test_fares.py::test_child", "tests/|test_|fares.|py::|test_|child"),
        ("Geschwindigkeitsbegrenzung", "Geschwindigkeitsbegrenzung"),
        ("x" * 40, "|".join(["x" * 12] * 3) + "|" + "x" * 4),
        ("二" * 50, "二" * 50),
    ],
)
def test_only_the_longest_words_may_be_broken_anywhere(text: str, broken: str) -> None:
    [block] = blocks(Text(content=text))
    assert block["content"] == [broken.replace("|", "\u200b")]


def test_cards_that_follow_each_other_stand_side_by_side() -> None:
    card = Card(icon="target", title="Score", content="79")
    assert [(one["type"], one["columns"]) for one in blocks(card, card, card)] == [("cards", 2)]
    assert [one["columns"] for one in blocks(card)] == [1]


def test_charts_are_drawn_in_the_fonts_of_the_language() -> None:
    drawn = str(typeset(make_document(make_stack(), language=Language.ZH_HANT)))
    assert 'font-family="Noto Sans TC, Noto Sans CJK TC, Noto Serif TC, Noto Serif CJK TC, Libertinus Serif"' in drawn


def test_han_letters_look_as_the_language_has_them() -> None:
    asked = {
        language: families(language) for language in (Language.JA, Language.KO, Language.ZH_HANS, Language.ZH_HANT)
    }
    assert [names[1][-2:] for names in asked.values()] == ["JP", "KR", "SC", "TC"]
    assert families(Language.RU) == families(Language.EN) == ["Libertinus Serif"]


@pytest.mark.parametrize(
    ("language", "lang", "region"),
    [(Language.ZH_HANT, "zh", "TW"), (Language.ZH_HANS, "zh", "CN"), (Language.DE, "de", None)],
)
def test_a_language_is_named_as_the_typesetter_knows_it(language: Language, lang: str, region: str | None) -> None:
    data = typeset(make_document(language=language))
    assert (data["lang"], data["region"]) == (lang, region)
