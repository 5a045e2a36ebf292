"""Reports as markdown and as sections of the wire: nothing that was captured is a mark."""

import json

import pytest

from domain.reports.document import Card, Evidence, Grid, Illustration, Items, Table, Text
from domain.reports.markdown import markdown
from domain.reports.sections import wire_sections
from tests.make_reports import english, japanese, make_chart, make_document


def block(text: str) -> str:
    """The paragraph that stands for a text."""
    return markdown(make_document(Text(content=text))).split("## What happened\n\n")[1].rstrip("\n")


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("plain words, 1.9M (twice)!", "plain words, 1.9M (twice)!"),
        ("# no heading", "\\# no heading"),
        ("- no item", "\\- no item"),
        ("+ no item", "\\+ no item"),
        ("12. no item", "12\\. no item"),
        ("1) no item", "1\\) no item"),
        ("*a* _b_ `c` ~~d~~", "\\*a\\* \\_b\\_ \\`c\\` \\~\\~d\\~\\~"),
        ("[a](http://b)", "\\[a\\](http\\://b)"),
        ("see www.example.org, or WWW.example.org", "see www\\.example.org, or WWW\\.example.org"),
        ("<b onclick=x>", "\\<b onclick=x\\>"),
        ("a &amp; b", "a \\&amp; b"),
        ("> no quote", "\\> no quote"),
        ("a\\b", "a\\\\b"),
        ("===", "\\==="),
        ("a | b", "a \\| b"),
        ("costs $4 to $5", "costs \\$4 to \\$5"),
        ("one\ntwo\n\nthree", "one two\n\nthree"),
    ],
)
def test_a_text_stays_what_it_is(said: str, written: str) -> None:
    assert block(said) == written


def test_every_block_is_there_and_what_only_adorns_is_not() -> None:
    text = markdown(english())
    assert text.startswith("# Your week with coding agents\n\n*ada\\@example.org")
    for part in ("## At a glance", "- **Score** – 79 (18 more", "### Score by day", "| 27 Feb | 72 |", "> — Session"):
        assert part in text
    assert "growth" not in text


def test_a_quote_stays_one_quote_whatever_lines_it_has() -> None:
    text = markdown(make_document(Evidence(quote="a\n\n# b\n---\n    c", source="s", remark="r")))
    quoted = text.split("## What happened\n\n")[1].rstrip().split("\n")
    assert all(line.startswith(">") for line in quoted)
    assert "> \\# b" in [line.rstrip() for line in quoted]
    assert "> \\---" in [line.rstrip() for line in quoted]


def test_cells_of_a_table_stay_in_their_columns() -> None:
    text = markdown(make_document(Table(columns=["a|b", "n"], rows=[["x\n|y", "1"], ["z"]], numeric=[False, True])))
    assert "| a\\|b | n |\n| --- | --: |\n| x \\|y | 1 |\n| z |  |" in text


def test_sections_hold_only_what_the_wire_knows() -> None:
    document = make_document(
        Text(title="T", content="one\n\ntwo"),
        Card(icon="target", title="Score", content="79", note="more"),
        Grid(columns=3, items=[Card(icon="clock", title="Time", content="6 h")]),
        Illustration(variant="growth"),
        Evidence(quote="do it", source="prompt 3", remark="exact"),
        Items(items=["a", "b"]),
        Table(title="Goals", columns=["Goal", "Turns"], rows=[["Import", "31"]]),
        make_chart(labels=("Mon", "Tue"), title="Score", unit="points"),
    )
    [section] = wire_sections(document)
    assert section == {
        "section_title": "What happened",
        "section_content": [
            {"type": "text", "title": "T", "content": "one\n\ntwo"},
            {"type": "card", "icon": "target", "title": "Score", "content": "79\nmore"},
            {
                "type": "grid",
                "columns": 3,
                "items": [{"type": "card", "icon": "clock", "title": "Time", "content": "6 h"}],
            },
            {"type": "illustration", "variant": "growth"},
            {"type": "text", "content": "“do it”\n— prompt 3\nexact"},
            {"type": "text", "content": "• a\n• b"},
            {"type": "text", "title": "Goals", "content": "Goal: Import · Turns: 31"},
            {
                "type": "text",
                "title": "Score",
                "content": "The score rose from 61 to 79; on Thursday there was no work.\n\n"
                "Mon · Score (points): 61\nTue · Score (points): 64",
            },
        ],
    }


def test_sections_can_be_written_as_json_in_any_language() -> None:
    assert "コーディング" not in json.dumps(wire_sections(japanese()))
    assert "概要" in json.dumps(wire_sections(japanese()), ensure_ascii=False)
