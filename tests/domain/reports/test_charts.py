"""Charts: what is drawn for which values, and that nothing in a label is markup."""

import math
import re
import xml.etree.ElementTree as ET

import pytest

from domain.languages import Language, phrases
from domain.reports.axes import scale, shortened, shown_labels, tick_text
from domain.reports.charts import NARROW, SHEET, WIDE, svg
from domain.reports.document import Chart, ChartKind, Series
from tests.make_reports import make_chart, make_stack

EN, DE = phrases(Language.EN), phrases(Language.DE)
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert(1)</script> & "x" \' \x00\x1b[31m \ud800'


def drawn(chart: Chart, width: int = WIDE) -> ET.Element:
    return ET.fromstring(svg(chart, EN, width))


def of_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [element for element in root.iter() if element.get("class") == name]


def texts(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def test_a_line_has_a_gap_where_there_is_no_value() -> None:
    lines = of_class(drawn(make_chart(ChartKind.LINE, 1, 2, None, 3, 4, 5, None)), "l1")
    assert [line.get("d", "").count("L") for line in lines] == [1, 2]


def test_a_value_between_two_gaps_is_a_dot() -> None:
    root = drawn(make_chart(ChartKind.LINE, 1, None, 3, None, None, None, None))
    assert of_class(root, "l1") == []
    assert len(list(root.iter(f"{SVG}circle"))) == 2


def test_bars_rise_from_nothing_in_proportion() -> None:
    bars = of_class(drawn(make_chart(ChartKind.BARS, 50, 100, None, labels=("a", "b", "c"))), "s1")
    half, whole = (float(bar.get("height", "")) for bar in bars)
    assert half == pytest.approx(whole / 2, abs=0.2)


def test_bars_below_nothing_hang_from_the_same_line() -> None:
    up, down = of_class(drawn(make_chart(ChartKind.BARS, 4, -4, labels=("a", "b"), maximum=None)), "s1")
    assert float(up.get("y", "")) + float(up.get("height", "")) == pytest.approx(float(down.get("y", "")), abs=0.2)


def test_stacks_lie_on_each_other() -> None:
    root = drawn(make_stack())
    first, second = of_class(root, "s1")[1], of_class(root, "s2")[1]  # the first is in the legend
    top_of_first = float(first.get("y", ""))
    assert float(second.get("y", "")) + float(second.get("height", "")) == pytest.approx(top_of_first - 1, abs=0.2)


def test_shares_are_as_long_as_they_say_and_never_longer() -> None:
    chart = make_chart(ChartKind.SHARES, 0.5, 1.7, -1, None, labels=("half", "all", "none", "unknown"))
    bars = of_class(drawn(chart), "s1")
    assert [float(bar.get("width", "")) / WIDE for bar in bars] == [0.5, 1.0]
    assert {"50%", "170%", "–"} < set(texts(drawn(chart)))


def test_several_series_are_named_and_differ_in_more_than_colour() -> None:
    two = [Series(name="now", values=[1, 2]), Series(name="before", values=[2, 1])]
    chart = make_chart(labels=("a", "b")).model_copy(update={"series": two})
    root = drawn(chart)
    assert {"now", "before"} < set(texts(root))
    [now], [before] = of_class(root, "l1"), of_class(root, "l2")
    assert now.get("stroke-dasharray") is None
    assert before.get("stroke-dasharray")


def test_boxes_of_several_series_differ_in_how_full_they_are() -> None:
    root = drawn(make_stack())
    shades = [{box.get("fill-opacity") for box in of_class(root, name)} for name in ("s1", "s2")]
    assert shades == [{None}, {"0.4"}]


@pytest.mark.parametrize("kind", ChartKind)
@pytest.mark.parametrize("values", [(), (None, None), (math.nan, math.inf)])
def test_without_values_it_says_so(kind: ChartKind, values: tuple[float | None, ...]) -> None:
    chart = make_chart(labels=("a", "b")[: len(values)])
    empty = chart.model_copy(update={"kind": kind, "series": [Series(name="x", values=list(values))]})
    assert texts(drawn(empty)) == ["There is nothing to show yet."]
    assert texts(drawn(empty.model_copy(update={"series": []}))) == ["There is nothing to show yet."]


@pytest.mark.parametrize("kind", ChartKind)
@pytest.mark.parametrize("width", [SHEET, WIDE, NARROW])
def test_it_says_what_it_is_and_stays_within_its_width(kind: ChartKind, width: int) -> None:
    long = [f"A label that is long {number}" for number in range(400)]
    chart = make_chart(kind, *(number / 400 for number in range(400)), labels=long, maximum=None, unit="x" * 300)
    root = drawn(chart, width)
    assert root.find(f"{SVG}title") is not None
    assert (root.findtext(f"{SVG}desc") or "").startswith("The score rose")
    assert root.get("role") == "img"
    places = [float(element.get(name, "0")) for element in root.iter() for name in ("x", "cx", "x2")]
    assert min(places) >= 0
    assert max(places) <= width


@pytest.mark.parametrize("kind", ChartKind)
def test_nothing_in_a_text_is_markup(kind: ChartKind) -> None:
    series = [Series(name=HOSTILE, values=[0.1, 0.2]), Series(name="b", values=[0.3, 0.4])]
    chart = Chart(kind=kind, title=HOSTILE, summary=HOSTILE, labels=[HOSTILE, HOSTILE], series=series, unit=HOSTILE)
    root = drawn(chart)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "title", "desc", "text", "line", "path", "circle", "rect"
    }  # fmt: skip
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on") or "href" in name]
    assert not re.search(r"url\(|\bid=|<style", svg(chart, EN))


def test_the_same_chart_gives_the_same_text() -> None:
    assert svg(make_stack(), EN) == svg(make_stack().model_copy(deep=True), EN)


def test_figures_are_written_as_the_language_writes_them() -> None:
    chart = make_chart(ChartKind.BARS, 8405.5, 12000, labels=("a", "b"), maximum=None)
    assert ">15.000</text>" in svg(chart, DE)


@pytest.mark.parametrize(
    ("values", "maximum", "ticks"),
    [
        ([61, 79], 100, [0, 25, 50, 75, 100]),
        ([3, 7], None, [0, 2, 4, 6, 8]),
        ([0.1, 0.34], None, [0, 0.1, 0.2, 0.3, 0.4]),
        ([-3, 5], None, [-4, -2, 0, 2, 4, 6]),
        ([0], None, [0, 0.25, 0.5, 0.75, 1]),
        ([120], 100, [0, 50, 100, 150]),
        ([1e12], None, [0, 2.5e11, 5e11, 7.5e11, 1e12]),
    ],
)
def test_ticks_are_few_and_round(values: list[float], maximum: float | None, ticks: list[float]) -> None:
    assert scale(values, maximum).ticks == pytest.approx(ticks)


@pytest.mark.parametrize(
    ("value", "step", "written"),
    [
        (75, 25, "75"),
        (2.5, 2.5, "2.5"),
        (0.25, 0.25, "0.25"),
        (200_000, 200_000, "200K"),
        (0.1, 0.1, "0.1"),
        (-1e-17, 1, "0"),
    ],
)
def test_ticks_have_as_many_digits_as_they_need(value: float, step: float, written: str) -> None:
    assert tick_text(value, step, EN) == written


@pytest.mark.parametrize(
    ("text", "room", "shown"),
    [
        ("fits", 100, "fits"),
        ("does not fit", 60, "does no…"),
        ("does not fit", 46, "does…"),
        ("広い文字だ", 50, "広い文…"),
    ],
)
def test_a_text_ends_where_the_room_does(text: str, room: float, shown: str) -> None:
    assert shortened(text, room) == shown


def test_an_endless_text_is_cut_in_one_go() -> None:
    """Letter by letter this would take minutes, of a server that does nothing else meanwhile."""
    assert len(shortened("x" * 30_000, 60)) < 10


def test_labels_are_thinned_out_until_none_touches_the_next() -> None:
    assert list(shown_labels(["Mon"] * 7, 400)) == [0, 1, 2, 3, 4, 5, 6]
    assert list(shown_labels(["2月23日"] * 7, 200)) == [0, 2, 4, 6]
    assert len(shown_labels(["A label"] * 400, 400)) <= 8
    assert list(shown_labels([], 400)) == []
