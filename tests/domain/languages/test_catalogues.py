"""Every language says all that the code says, and nothing else."""

import re
from collections.abc import Callable, Iterator
from gettext import c2py
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

from domain.languages import Language, phrases
from domain.languages.catalogue import read
from domain.languages.phrases import Phrases
from tests.messages import CATALOGUES, said, said_in, updated

TRANSLATED = [language for language in Language if language is not Language.EN]
ENDS = {".": (".", "。"), ":": (":", "："), "?": ("?", "？")}
"""What a translation may end with where the English ends with a mark."""


@pytest.fixture(scope="module")
def messages() -> dict[str, str | None]:
    """Reading all of the code takes a third of a second, which none but these tests have to wait for."""
    return said()


def text_of(language: Language) -> str:
    return (CATALOGUES / f"{language}.po").read_text("utf-8")


def fields(text: str) -> set[str]:
    """The {named} fields. Those of another kind are none of ours: values are finished when they are filled in."""
    found = list(Formatter().parse(text))
    assert not any(spec or conversion for _, _, spec, conversion in found), text
    names = {name for _, name, _, _ in found if name is not None}
    assert all(name.isidentifier() for name in names), text
    return names


def faults(po: str, messages: dict[str, str | None]) -> Iterator[str]:
    """What is wrong with a catalogue, a line for each fault."""
    catalogue = read_po(po.splitlines(keepends=True))
    there = {(message.id if isinstance(message.id, str) else message.id[0]): message for message in catalogue}
    there.pop("")
    yield from (f"lacks {one!r}" for one in messages.keys() - there.keys())
    yield from (f"nobody says {one!r}" for one in there.keys() - messages.keys() | catalogue.obsolete.keys())
    for one in there.keys() & messages.keys():
        id = there[one].id
        if (None if isinstance(id, str) else id[1]) != messages[one]:
            yield f"{one!r} has another plural"
        else:
            of_form = _numbers_by_form(c2py(catalogue.plural_expr), catalogue.num_plurals)
            yield from (f"{one!r} {fault}" for fault in _faults_of(there[one], one, messages[one], of_form))


def _numbers_by_form(form: Callable[[int], int], forms: int) -> list[list[int]]:
    return [[n for n in range(200) if form(n) == number] for number in range(forms)]


def _faults_of(message: Message, one: str, many: str | None, numbers: list[list[int]]) -> Iterator[str]:
    forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    if message.fuzzy:
        yield "is fuzzy"
    if len(forms) != (len(numbers) if many else 1) or not all(form.strip() for form in forms):
        yield "lacks a form"
        return
    english = many or one
    for form, of in zip(forms, numbers, strict=False):
        needed = fields(one) - {"n"} if many and of == [1] else fields(english)
        if not needed <= fields(form) <= fields(english):
            yield f"has other fields than {form!r}"
        if form != form.strip() or not form.endswith(ENDS.get(english[-1], (form[-1],))):
            yield f"ends otherwise than {form!r}"


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_says_what_the_code_says(language: Language, messages: dict[str, str | None]) -> None:
    assert "\n".join(sorted(faults(text_of(language), messages))) == ""


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_is_as_make_messages_leaves_it(language: Language, messages: dict[str, str | None]) -> None:
    assert updated(text_of(language), messages) == text_of(language)


@pytest.mark.parametrize("language", TRANSLATED)
def test_plural_forms_are_those_of_the_language(language: Language) -> None:
    catalogue = read_po(text_of(language).splitlines(keepends=True))
    known = get_plural(language.partition("-")[0])
    assert (catalogue.num_plurals, catalogue.plural_expr) == (known.num_plurals, known.plural_expr)
    assert catalogue.locale_identifier == language.replace("-", "_")


def test_french_marks_are_never_parted_from_their_words() -> None:
    assert re.findall(r".* [:;?!»].*|.*« .*", text_of(Language.FR).partition("\n\n")[2].replace("msgid", "")) == []


def test_english_messages_have_named_fields_and_a_plural_says_no_less(messages: dict[str, str | None]) -> None:
    assert len(messages) > 5
    assert all(fields(one) <= fields(many or one) for one, many in messages.items())


def test_each_language_has_a_catalogue_and_each_catalogue_a_language() -> None:
    assert {path.stem for path in CATALOGUES.glob("*")} == set(TRANSLATED)


RUSSIAN = 'msgid ""\nmsgstr ""\n"Language: ru\\n"\n"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n==2 ? 1 : 2);\\n"\n\n'
ONE = 'msgid "a {b}."\nmsgstr "а {b}."\n'
SAYS = {"a {b}.": None, "one": "{n} of {b}"}


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (ONE, "lacks 'one'"),
        (ONE + 'msgid "one"\nmsgstr "один"\n', "'one' has another plural"),
        (
            ONE + 'msgid "one"\nmsgid_plural "{n} off {b}"\nmsgstr[0] "1"\nmsgstr[1] "2"\nmsgstr[2] "3"\n',
            "another plural",
        ),
        (ONE + 'msgid "one"\nmsgid_plural "{n} of {b}"\nmsgstr[0] "{b}"\nmsgstr[1] "{n} {b}"\n', "lacks a form"),
        (
            ONE + 'msgid "one"\nmsgid_plural "{n} of {b}"\nmsgstr[0] "{b}"\nmsgstr[1] "{b}"\nmsgstr[2] "{n} {b}"\n',
            "'one' has other fields than '{b}'",
        ),
        (ONE.replace('"а {b}."', '""'), "'a {b}.' lacks a form"),
        (ONE.replace("а {b}", "а {c}"), "'a {b}.' has other fields"),
        (ONE.replace("а {b}", "а"), "'a {b}.' has other fields"),
        (ONE.replace("а {b}.", "а {b}"), "'a {b}.' ends otherwise"),
        (ONE.replace("а {b}.", "а {b}. "), "'a {b}.' ends otherwise"),
        ("#, fuzzy\n" + ONE, "'a {b}.' is fuzzy"),
        (ONE + '\nmsgid "b"\nmsgstr "б"\n', "nobody says 'b'"),
        (ONE + '\n#~ msgid "b"\n#~ msgstr "б"\n', "nobody says 'b'"),
    ],
)
def test_a_fault_is_found(body: str, fault: str) -> None:
    assert any(fault in one for one in faults(RUSSIAN + body, SAYS))


def test_a_form_that_is_for_one_thing_only_need_not_write_the_number() -> None:
    plural = 'msgid "one"\nmsgid_plural "{n} of {b}"\nmsgstr[0] "{b}"\nmsgstr[1] "{n} {b}"\nmsgstr[2] "{n} {b}"\n'
    assert list(faults(RUSSIAN + ONE + "\n" + plural, SAYS)) == []


def test_messages_are_found_where_they_are_said() -> None:
    code = """
words.say("a {b}", b="c")
self.words.say("long "
    "one" if x else "other", y=say("no"))
words.count("one", "{n} of them", n, of=b)
NAMES = {1: msgid("name")}
words.say(NAMES[1])
"text".count("t", 0, 5), b"bytes".count(b"b"), [].count("d")
"""
    found = {"a {b}": None, "long one": None, "other": None, "one": "{n} of them", "name": None}
    assert dict(said_in(code)) == found


@pytest.mark.parametrize(
    "code", ['words.say(f"a {b}")', 'words.say("a" + b)', 'words.count(one, f"{n} of", 3)', 'words.count(one, "b", 3)']
)
def test_what_could_not_be_translated_is_told(code: str) -> None:
    with pytest.raises(ValueError, match="not literal"):
        list(said_in(code))


def test_making_messages_keeps_what_is_translated_and_drops_what_is_not_said() -> None:
    before = (
        "# Words of this language\n"
        + RUSSIAN
        + 'msgid "a"\nmsgstr "а"\n\nmsgid "b"\nmsgid_plural "bs"\nmsgstr[0] "б"\n'
        'msgstr[1] "б"\nmsgstr[2] "бб"\n\nmsgid "c"\nmsgstr "с"\n'
    )
    after = updated(before, {"b": "bs", "a": None, "50% of": None})
    assert after.startswith(
        "# Words of this language\n" + RUSSIAN + 'msgid "50% of"\nmsgstr ""\n\nmsgid "a"\nmsgstr "а"\n'
    )
    assert '"c"' not in after
    assert 'msgstr[2] "бб"' in after
    assert updated(after, {"a": None, "b": "bs", "50% of": None}) == after
    assert 'msgid_plural "more"\nmsgstr[0] ""' in updated(after, {"b": "more"})


def told(po: str) -> Phrases:
    english = phrases(Language.EN)
    catalogue = read(RUSSIAN + po, Language.RU)
    return Phrases(Language.RU, english.zone, english._locale, catalogue)  # pyright: ignore[reportPrivateUsage]


def test_a_sentence_is_said_with_its_values_as_they_are() -> None:
    assert told(ONE).say("a {b}.", b="{b} %s {0}") == "а {b} %s {0}."


def test_a_plural_takes_the_form_of_the_number() -> None:
    words = told('msgid "one"\nmsgid_plural "{n} of"\nmsgstr[0] "один"\nmsgstr[1] "{n} пара"\nmsgstr[2] "{n} их"\n')
    assert [words.count("one", "{n} of", n) for n in (0, 1, 2, -2, 1234)] == [
        "0 их",
        "один",
        "2 пара",
        "-2 пара",
        "1,234 их",
    ]


@pytest.mark.parametrize("po", ["", 'msgid "a"\nmsgstr ""\n', '#, fuzzy\nmsgid "a"\nmsgstr "а"\n'])
def test_what_is_not_translated_is_said_in_english(po: str) -> None:
    assert told(po).say("a") == "a"


def test_plurals_that_are_not_translated_are_english_ones() -> None:
    words = told('msgid "one"\nmsgid_plural "{n} of"\nmsgstr[0] "один"\nmsgstr[1] ""\nmsgstr[2] "{n} их"\n')
    assert [words.count("one", "{n} of", n) for n in (0, 1, 2)] == ["0 of", "one", "2 of"]
    assert isinstance(phrases(Language.EN).count("one", "{n} of", 5), str)
