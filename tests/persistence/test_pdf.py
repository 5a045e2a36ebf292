"""PDFs: every shipped language can be set or says what is missing, and nothing in a text is a command."""

import asyncio
import threading
from pathlib import Path

import pytest
import typst

from domain.errors import Unavailable
from domain.languages import Language
from domain.reports.document import Card, Document, Evidence, Section, Table, Text
from domain.reports.typeset import FontMissing, families
from persistence.pdf import Press
from tests.make_reports import english, german, japanese, make_chart, make_document, make_stack

BARE = Press(system=False)
"""Has the typesetter's own fonts alone, as a machine without any has."""

_DEBIAN = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
_NO_FONT = "no Japanese font of Noto is installed here (Debian: fonts-noto-cjk)"


def shown(pdf: bytes) -> str:
    """What the file says that it is."""
    return pdf[:5].decode() + ("A" if b"pdfaid:part" in pdf else "")


@pytest.mark.parametrize("document", [english(), german()], ids=lambda one: str(one.language))
async def test_latin_needs_no_font_of_the_machine(document: Document) -> None:
    assert shown(await BARE.pdf(document)) == "%PDF-A"


async def test_cyrillic_needs_no_font_of_the_machine() -> None:
    text = Text(content="Ёжик съел ещё этих мягких французских булок: №5 — «да».")
    document = make_document(text, language=Language.RU, title="Ваша неделя")
    assert shown(await BARE.pdf(document)) == "%PDF-A"


@pytest.mark.parametrize(
    ("language", "title", "name"),
    [
        (Language.JA, "一週間", "Japanese"),
        (Language.KO, "한 주", "Korean"),
        (Language.ZH_HANS, "一周", "Simplified Chinese"),
        (Language.ZH_HANT, "一週", "Traditional Chinese"),
    ],
)
async def test_a_missing_font_is_told_with_what_to_install(language: Language, title: str, name: str) -> None:
    with pytest.raises(FontMissing, match=f"letters of {name}: .*fonts-noto-cjk.*GOALARC_FONTS_DIR"):
        await BARE.pdf(make_document(language=language, title=title))


async def test_japanese_is_set_where_a_font_is_installed() -> None:
    if not set(families(Language.JA)[1:]) & set(typst.Fonts().families()):
        pytest.skip(_NO_FONT)
    assert shown(await Press().pdf(japanese())) == "%PDF-A"


@pytest.mark.skipif(not _DEBIAN.is_file(), reason=_NO_FONT)
async def test_fonts_are_found_in_the_folder_that_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "fonts"
    press = Press([folder, tmp_path / "missing"], system=False)
    with pytest.raises(FontMissing):
        await press.pdf(japanese())
    folder.mkdir()
    (folder / _DEBIAN.name).symlink_to(_DEBIAN)
    assert shown(await press.pdf(japanese())) == "%PDF-A"


async def test_letters_that_no_font_has_do_not_fail_a_report() -> None:
    foreign = "😀 👨‍👩‍👧 ❤️ 日本語 한국어 ไทย שלום مرحبا \u202e \U0010fffd \ue000 \x00"
    blocks = [Text(content=foreign), Evidence(quote=foreign, source=foreign), make_chart(title=foreign, name=foreign)]
    blocks.append(make_stack().model_copy(update={"labels": [foreign] * 7}))
    assert shown(await BARE.pdf(make_document(*blocks, title=foreign))) == "%PDF-A"


async def test_nothing_in_a_text_is_a_command() -> None:
    marks = '#panic() #eval("1") $x$ @ref <label> [a] *b* `c` = d // e /* f */ \\ {page} #read("/etc/passwd")'
    cells = Table(title=marks, columns=[marks], rows=[[marks]])
    card = Card(icon=marks, title=marks, content=marks, note=marks)
    assert shown(await BARE.pdf(make_document(Text(title=marks, content=marks), cells, card, title=marks))) == "%PDF-A"


async def test_the_same_report_gives_the_same_bytes() -> None:
    assert await BARE.pdf(english()) == await BARE.pdf(english())


async def test_a_huge_report_is_set_in_part() -> None:
    rows = [["word " * 100] * 12 for _ in range(500)]
    section = Section(title="Much", blocks=[Table(columns=["c"] * 12, rows=rows), Text(content="word " * 50_000)])
    document = make_document().model_copy(update={"sections": [section] * 200})
    assert len(await BARE.pdf(document)) < 4_000_000


@pytest.mark.parametrize("syllable", ["\u0915\u094d", "\u093f", "\u0b95\u0bcd", "a\u0301"])
async def test_an_endless_syllable_does_not_break_the_typesetter(syllable: str) -> None:
    """A syllable of more than 255 signs does, in some scripts."""
    text = syllable * 400
    document = make_document(Text(content=text), Evidence(quote=text, source=text), title=text)
    assert shown(await BARE.pdf(document)) == "%PDF-A"


class _Panic(BaseException):
    """As a typesetter raises it that breaks down: it is no Exception."""


@pytest.mark.parametrize(
    "error", [_Panic("secret plan"), typst.TypstError("secret plan", "secret plan"), ValueError("secret plan")]
)
async def test_what_cannot_be_set_is_told_and_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def broken(*_: object, **__: object) -> tuple[bytes, list[str]]:
        raise error

    with monkeypatch.context() as inside:
        inside.setattr(typst, "compile_with_warnings", broken)
        with pytest.raises(Unavailable, match="cannot be set as a PDF"):
            await BARE.pdf(english())
    assert shown(await BARE.pdf(english())) == "%PDF-A"


class _Held:
    """Has whatever is set wait until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, press: Press) -> None:
        self.go, self.begun, self.running, self.most = threading.Event(), threading.Event(), 0, 0
        monkeypatch.setattr(press, "_set", self._set)

    def _set(self, document: Document) -> bytes:
        self.running += 1
        self.most = max(self.most, self.running)
        self.begun.set()
        self.go.wait(10)
        self.running -= 1
        return b"%PDF"


async def test_one_report_is_set_at_a_time_and_only_so_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    press = Press(system=False, waiting=3)
    held = _Held(monkeypatch, press)
    waiting = [asyncio.create_task(press.pdf(english())) for _ in range(3)]
    await asyncio.to_thread(held.begun.wait, 10)
    with pytest.raises(Unavailable, match="too many"):
        await press.pdf(english())
    held.go.set()
    assert await asyncio.gather(*waiting) == [b"%PDF"] * 3
    assert held.most == 1
    assert await press.pdf(english()) == b"%PDF"


async def test_who_waits_too_long_is_told_and_what_waits_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    press = Press(system=False, waiting=2, patience_s=0.02)
    held = _Held(monkeypatch, press)
    told = await asyncio.gather(press.pdf(english()), press.pdf(english()), return_exceptions=True)
    assert [type(one) for one in told] == [Unavailable, Unavailable]
    held.go.set()
    await asyncio.to_thread(press.close)
    assert held.most == 1
