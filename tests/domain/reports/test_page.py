"""The page of a report: complete, ordered, and safe whatever was captured."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from domain.reports.document import (
    Block,
    Card,
    Document,
    Evidence,
    Grid,
    Items,
    Section,
    Series,
    Table,
    Text,
)
from domain.reports.page import POLICY, page
from tests.make_reports import english, german, japanese, make_chart, make_document

HOSTILE = "</style></title><script>alert(1)</script><img src=x onerror=alert(2)> \" ' & \x00\x1b \u202egnp.exe"
_VOID = {"meta", "br", "circle", "path", "line", "rect"}


class Reader(HTMLParser):
    """Reads the elements of a page and finds out whether they are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    @property
    def headings(self) -> list[int]:
        return [int(tag[1]) for tag, _ in self.elements if re.fullmatch("h[1-6]", tag)]


@pytest.mark.parametrize("document", [english(), german(), japanese()], ids=lambda one: str(one.language))
def test_a_page_is_whole_and_its_headings_are_in_order(document: Document) -> None:
    read = Reader(page(document))
    assert read.headings[0] == 1
    assert read.headings.count(1) == 1
    assert all(below - above <= 1 for above, below in zip(read.headings, read.headings[1:], strict=False))
    assert next(attrs for tag, attrs in read.elements if tag == "html")["lang"] == document.language


def test_a_page_loads_and_runs_nothing() -> None:
    text = page(english(), pdf_url="/shared/x.pdf")
    read = Reader(text)
    assert {"script", "img", "link", "iframe", "form", "object"}.isdisjoint(tag for tag, _ in read.elements)
    assert [attrs["href"] for _, attrs in read.elements if "href" in attrs] == ["/shared/x.pdf"]
    assert not [
        name for _, attrs in read.elements for name in attrs if name.startswith("on") or name in ("style", "src")
    ]


def test_its_policy_lets_its_own_style_through_and_nothing_else() -> None:
    text = page(english())
    style = text.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in POLICY
    assert "default-src 'none'" in POLICY
    assert "unsafe" not in POLICY
    assert "@import" not in style
    assert "url(" not in style


def test_nothing_that_was_captured_is_markup() -> None:
    blocks = [
        Text(title=HOSTILE, content=HOSTILE),
        Card(icon=HOSTILE, title=HOSTILE, content=HOSTILE, note=HOSTILE),
        Grid(columns=2, items=[Card(icon="x", title=HOSTILE, content="1")]),
        Evidence(quote=HOSTILE, source=HOSTILE, remark=HOSTILE),
        Items(title=HOSTILE, items=[HOSTILE]),
        Table(title=HOSTILE, columns=[HOSTILE], rows=[[HOSTILE]]),
        make_chart(title=HOSTILE, name=HOSTILE, unit=HOSTILE, summary=HOSTILE),
    ]
    document = make_document(*blocks, title=HOSTILE).model_copy(
        update={"subtitle": HOSTILE, "summary": HOSTILE, "footnote": HOSTILE}
    )
    text = page(document, pdf_url='"><script>')
    read = Reader(text)
    assert {"script", "img"}.isdisjoint(tag for tag, _ in read.elements)
    assert not [name for _, attrs in read.elements for name in attrs if name.startswith("on")]
    assert not re.search("[\x00\x1b\u202e]", text)
    assert "<script>alert(1)</script>" in "".join(read.text)


def test_cards_that_follow_each_other_stand_in_one_grid_and_charts_too() -> None:
    card = Card(icon="target", title="Score", content="79")
    read = Reader(page(make_document(card, card, make_chart(), make_chart())))
    kinds = [attrs.get("class") for tag, attrs in read.elements if tag == "div"]
    assert (kinds.count("cards"), kinds.count("charts")) == (1, 1)


def test_a_chart_can_be_read_as_a_table() -> None:
    read = Reader(page(make_document(make_chart())))
    assert {"61", "79"} < {text.strip() for text in read.text}
    assert "details" in {tag for tag, _ in read.elements}


def test_the_day_it_was_made_is_said_and_the_pdf_offered_only_where_there_is_one() -> None:
    assert "Made on Mar 2, 2026 by Goalarc." in page(english())
    assert "Download as PDF" not in page(english())


def test_the_same_report_gives_the_same_page() -> None:
    assert page(english()) == page(english())


def test_a_huge_report_is_shown_in_part_and_says_so() -> None:
    rows = [["x" * 1000] * 40 for _ in range(1000)]
    blocks = [Text(content="word " * 100_000), Table(columns=["c"] * 40, rows=rows), Items(items=["i"] * 10_000)]
    many = [Series(name=str(number), values=[1.0] * 5000) for number in range(50)]
    chart = make_chart(labels=["l"] * 5000).model_copy(update={"series": many})
    section = Section(title="t" * 10_000, blocks=[*blocks, chart] * 100)
    document = make_document().model_copy(update={"sections": [section] * 100})
    text = page(document)
    assert len(text) < 2_000_000
    assert "This report holds more than fits here" in text


def test_figures_stay_with_their_units() -> None:
    told = {"summary": "68\u00a0% de\u00a0\n 5\u202f000 , \u00a0 6"}
    text = page(make_document().model_copy(update=told))
    assert "68\u00a0% de 5\u202f000 , 6" in text


@pytest.mark.parametrize(
    "block",
    [
        make_chart(labels=["l"] * 800).model_copy(update={"series": [Series(name="s", values=[1.0] * 800)] * 6}),
        Table(columns=["c"] * 12, rows=[["x"] * 12] * 300),
        Grid(columns=4, items=[Card(icon="x", title="t", content="c")] * 200),
        Items(items=["i"] * 200),
    ],
    ids=lambda block: block.type,
)
def test_a_report_of_much_that_is_small_is_bounded_too(block: Block) -> None:
    document = make_document().model_copy(update={"sections": [Section(title="s", blocks=[block] * 60)] * 40})
    assert len(page(document)) < 5_000_000


def test_a_report_that_fits_says_nothing_of_that() -> None:
    assert "more than fits" not in page(english())
