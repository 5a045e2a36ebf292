"""Shares in shades and ways in a flow: drawn as they are, told as a table, within their bounds in every renderer."""

import re
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from domain.languages import Language, phrases
from domain.reports.bounds import SHADES, WAYS
from domain.reports.charts import NARROW, WIDE
from domain.reports.document import Chart, ChartKind, Document, Flow, Picture, Row, Section, Series, Shades, Way
from domain.reports.drawings import svg
from domain.reports.figures import figures
from domain.reports.markdown import markdown
from domain.reports.page import page
from domain.reports.sections import wire_sections
from domain.reports.typeset import typeset

WORDS = phrases(Language.EN)
EVIL = "<b>x</b>"
ROWS = [Row(name="Week 0", note="12", values=[1, 0.25]), Row(name=EVIL, note="9", values=[None])]
COHORTS = Shades(title="Came back", summary="So many.", note="Size", columns=["Week 0", "Week 1"], rows=ROWS)
HEADINGS = ["Step", "From", "To", "Paths", "On average"]


def flow(*ways: tuple[int, str, str, int]) -> Flow:
    found = [Way(column=column, source=source, target=target, count=count) for column, source, target, count in ways]
    return Flow(title="Ways", summary="Many.", headings=HEADINGS, ways=found)


WORK = flow((1, "prompt", "edit", 30), (1, "prompt", EVIL, 10), (2, "edit", "commit", 30))


def drawn(picture: Picture, width: int = WIDE) -> ElementTree.Element:
    return ElementTree.fromstring(svg(picture, WORDS, width))


def texts(picture: Picture, width: int = WIDE) -> list[str]:
    return [part.text or "" for part in drawn(picture, width).iter() if part.tag.endswith("}text")]


def shown_in(picture: Picture) -> Document:
    sections = [Section(title="s", blocks=[picture])]
    at = datetime(2026, 11, 20, tzinfo=UTC)
    return Document(language=Language.EN, title="t", subtitle="", summary="", sections=sections, generated_at=at)


def test_a_cell_is_as_dark_as_its_share_and_says_it() -> None:
    cells = [one.get("fill-opacity") for one in drawn(COHORTS).iter() if one.get("class") == "s1"]
    assert cells == ["0.50", "0.15"]
    assert texts(COHORTS) == ["Size", "Week 0", "Week 1", "Week 0", "12", "100%", "25%", EVIL, "9"]


def test_where_there_is_little_room_only_the_number_of_a_column_is_told() -> None:
    columns = [f"Week {number}" for number in range(9)]
    many = COHORTS.model_copy(update={"columns": columns, "rows": [Row(name="w", values=[0.5] * 9)]})
    assert texts(many, NARROW)[:3] == ["0", "1", "2"]
    assert set(texts(many.model_copy(update={"columns": columns + columns[:2]}), NARROW)[-9:]) == {"50"}
    crowded = many.model_copy(update={"columns": columns * 6, "rows": [Row(name="w", values=[1.0] * 54)]})
    assert texts(crowded, NARROW) == ["w"]


def bands(picture: Flow) -> list[list[float]]:
    paths = [one.get("d", "") for one in drawn(picture).iter() if one.get("class") == "s1"]
    return [[float(number) for number in re.findall(r"[\d.]+", path)] for path in paths]


def test_a_band_is_as_broad_as_many_went_there() -> None:
    broad, slim, last = [numbers[8] - numbers[7] for numbers in bands(WORK)]
    assert (broad / slim, broad) == (pytest.approx(3, rel=0.01), pytest.approx(last))


def test_bands_lie_side_by_side_where_they_begin() -> None:
    first, second, _ = bands(WORK)
    assert second[1] == first[-1]
    assert first[-1] > first[1]


def test_columns_stand_where_their_steps_are_also_where_the_first_is_missing() -> None:
    late = flow((3, "edit", "commit", 2), (4, "commit", "push", 1))
    assert texts(late) == ["edit", "2", "commit", "2", "push", "1"]
    assert texts(flow()) == []


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("picture", [COHORTS, WORK, flow((1, "a" * 200, "b" * 200, 1))])
def test_all_stays_within_the_width(picture: Picture, width: int) -> None:
    for part in drawn(picture, width).iter():
        if part.tag.endswith("}rect"):
            assert float(part.get("x", "")) + float(part.get("width", "")) <= width + 0.1
    assert all(len(text) < 60 for text in texts(picture, width))


def test_they_are_told_as_tables() -> None:
    assert figures(COHORTS, WORDS).rows == [["Week 0", "12", "100%", "25%"], [EVIL, "9", "", ""]]
    assert figures(WORK, WORDS).rows[1] == ["1", "prompt", EVIL, "10", ""]
    assert figures(WORK, WORDS).columns == HEADINGS


@pytest.mark.parametrize("picture", [COHORTS, WORK])
def test_every_renderer_shows_them_without_their_markup(picture: Picture) -> None:
    document = shown_in(picture)
    shown = page(document)
    assert shown.count("<svg") == 2
    assert EVIL not in shown
    assert picture.title in markdown(document)
    assert f"{picture.title}" in str(wire_sections(document))
    assert "<svg" in str(typeset(document))


def test_pictures_are_bounded() -> None:
    ways = flow(*((1, "prompt", f"e{number}", 1) for number in range(WAYS + 5)))
    rows = [Row(name=f"row {number}", values=[1.0] * 100) for number in range(SHADES + 5)]
    wide = COHORTS.model_copy(update={"columns": [str(number) for number in range(100)], "rows": rows})
    for picture, left_out in ((ways, f"e{WAYS + 1}<"), (wide, f"row {SHADES + 1}<")):
        shown = page(shown_in(picture))
        assert left_out not in shown
        assert "more than fits here" in shown


def test_what_lies_below_nothing_hangs_from_the_line() -> None:
    lines = [Series(name="came", values=[3, 0]), Series(name="went", values=[-1, -2])]
    chart = Chart(kind=ChartKind.STACK, title="t", summary="", labels=["a", "b"], series=lines)
    boxes = [one for one in drawn(chart).iter() if one.get("class") in ("s1", "s2") and float(one.get("y", "")) > 20]
    came, went, _ = [(float(one.get("y", "")), float(one.get("height", ""))) for one in boxes]
    assert came[0] + came[1] == pytest.approx(went[0], abs=1.1)
