"""Words of code and prose, and what a search means."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.search import (
    MOST_CHARS,
    MOST_QUERY_CHARS,
    Fragment,
    Phrase,
    Weight,
    composed,
    highlight,
    index,
    pieces,
    read,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Fix the rounding.", "fix the rounding"),
        ("getUserName", "get user name"),
        ("HTTPServer2 utf8", "http server2 utf8"),
        ("snake_case-kebab/path.py", "snake case kebab path py"),
        ("Café ÜBER Straße Ελλάδα", "cafe uber strasse ελλαδα"),
        ("cafe\u0301", "cafe"),
        ("日本語のtest", "日 本 語 の test"),
        ("ｆｕｌｌ１２", "full12"),
        ("…—!? \x00 _", ""),
        ("a" * 500, "a" * 64),
    ],
)
def test_a_text_is_cut_into_its_words(text: str, words: str) -> None:
    assert [piece.word for piece in pieces(composed(text))] == words.split()


@given(st.text())
def test_every_piece_stands_where_it_says(text: str) -> None:
    text = composed(text)
    found = list(pieces(text))
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= next.start for one, next in pairwise(found))


@pytest.mark.parametrize(
    ("text", "alternatives"),
    [
        ("fix bug", [[Phrase(("fix",)), Phrase(("bug",))]]),
        ('"half up" -test', [[Phrase(("half", "up")), Phrase(("test",), negated=True)]]),
        ("round* or invoice", [[Phrase(("round",), prefix=True)], [Phrase(("invoice",))]]),
        ("userName*", [[Phrase(("user", "name"), "username", prefix=True)]]),
        ("src/main.py", [[Phrase(("src", "main", "py"))]]),
        ('"userName"', [[Phrase(("user", "name"))]]),
        ('"open end', [[Phrase(("open", "end"))]]),
        ("or or cats OR", [[Phrase(("cats",))]]),
        ("-or", [[Phrase(("or",), negated=True)]]),
    ],
)
def test_a_search_reads_as_it_is_typed(text: str, alternatives: list[list[Phrase]]) -> None:
    assert [list(one) for one in read(text).alternatives] == alternatives


@pytest.mark.parametrize("text", ["", "  ", '"', "-- ?", "or", "x" * (MOST_QUERY_CHARS + 1), "a " * 33])
def test_what_is_no_search_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read(text)


@pytest.mark.parametrize(
    ("text", "search", "matched"),
    [
        ("please call getUserName now", "getusername", ["getUserName"]),
        ("please call getusername now", "getUserName", ["getusername"]),
        ("get_user_name", "getUserName", ["get_user_name"]),
        ("the Café is open", "cafe", ["Café"]),
        ("rounding of rounds", "round*", ["rounding", "rounds"]),
        ("half way up, half up", '"half up"', ["half up"]),
        ("日本語のテスト", "語の", ["語の"]),
        ("one two", "two -three or four", ["two"]),
        ("nothing here", "cafe or half", []),
    ],
)
def test_what_is_looked_for_is_marked(text: str, search: str, matched: list[str]) -> None:
    fragments = highlight(text, read(search))
    assert [one.text for one in fragments if one.matched] == matched
    assert "".join(one.text for one in fragments) == (composed(text) if matched else "")


def test_of_a_long_text_the_surroundings_of_the_first_match_are_shown() -> None:
    fragments = highlight("word " * 1000 + "needle" + " more" * 1000 + " needle", read("needle"))
    shown = "".join(one.text for one in fragments)
    assert Fragment("needle", matched=True) in fragments
    assert shown.startswith("word word")
    assert len(shown) == 240
    assert sum(one.matched for one in fragments) == 1


@given(st.text(max_size=200), st.text(min_size=1, max_size=20))
def test_fragments_are_a_stretch_of_the_text(text: str, search: str) -> None:
    try:
        wanted = read(search)
    except Invalid:
        return
    assert "".join(one.text for one in highlight(text, wanted)) in composed(text)


def test_an_index_counts_places_through_all_texts() -> None:
    found = index([(Weight.TITLE, "Fix userName"), (Weight.PROMPT, "fix")], MOST_CHARS)
    assert {word: [tuple(place) for place in places] for word, places in found.items()} == {
        "fix": [(1, "A"), (5, "D")],
        "user": [(2, "A")],
        "username": [(2, "A")],
        "name": [(3, "A")],
    }


def test_an_index_holds_no_more_than_postgres_takes() -> None:
    assert index([(Weight.PROMPT, "x"), (Weight.PROMPT, "yy zz")], 3).keys() == {"x", "yy"}
    many = index([(Weight.PROMPT, " ".join(f"w{n:x}" for n in range(60_000)))], 10**6)
    assert sum(len(word) + 10 for word in many) < 301_000
    assert max(place.at for places in many.values() for place in places) == 15_000
