from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.live import BEGINNING, Cursor, Place, read_cursor
from domain.values import OrgId

ORG = OrgId(UUID(int=1))
OTHER = OrgId(UUID(int=2))

epochs = st.integers(-(2**63), 2**63 - 1)
places = st.builds(Place, st.integers(0, 2**64 - 1), st.integers(0, 2**63 - 1))


@given(epochs, places)
def test_a_cursor_survives_its_text(epoch: int, place: Place) -> None:
    cursor = Cursor(ORG, epoch, place)
    assert read_cursor(str(cursor), ORG) == cursor


def test_a_cursor_is_url_safe_text_of_fixed_length() -> None:
    text = str(Cursor(ORG, -1, Place(2**64 - 1, 2**63 - 1)))
    assert len(text) == len(str(Cursor(ORG, 0, BEGINNING))) == 39
    assert text.replace("-", "").replace("_", "").isalnum()


def test_places_are_in_the_order_of_transactions_and_then_of_ids() -> None:
    assert BEGINNING < Place(1, 9) < Place(2, 1) < Place(2, 3)


@given(st.text())
def test_made_up_text_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_cursor(text, ORG)


@given(places, st.integers(0, 38), st.sampled_from("AZaz09-_=é "))
def test_a_changed_character_is_refused(place: Place, at: int, character: str) -> None:
    text = str(Cursor(ORG, 7, place))
    changed = text[:at] + character + text[at + 1 :]
    if changed != text:
        with pytest.raises(Invalid):
            read_cursor(changed, ORG)


@pytest.mark.parametrize("text", ["", "=", "x" * 10_000, "\x00", "\ud800", "AQ=="])
def test_hostile_text_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_cursor(text, ORG)


def test_a_cursor_with_something_appended_is_refused() -> None:
    text = str(Cursor(ORG, 7, Place(5, 6)))
    for longer in (text + "A", text + "AAAA", text + "=", text[:-1]):
        with pytest.raises(Invalid):
            read_cursor(longer, ORG)


def test_another_organisation_s_cursor_is_refused() -> None:
    with pytest.raises(Invalid):
        read_cursor(str(Cursor(OTHER, 7, Place(5, 6))), ORG)


@given(epochs, places, st.integers(-(2**63), 2**63 - 1), st.text(st.characters(codec="utf-8")))
def test_a_cursor_of_any_log_survives_its_text_with_its_note(epoch: int, place: Place, note: int, log: str) -> None:
    cursor = Cursor(ORG, epoch, place, log, note)
    assert read_cursor(str(cursor), ORG, log) == cursor
    assert len(str(cursor)) == (50 if note else 39)


def test_a_cursor_of_another_log_is_refused() -> None:
    text = str(Cursor(ORG, 7, Place(5, 6), "session:one"))
    for log in ("session:two", "session:on", ""):
        with pytest.raises(Invalid):
            read_cursor(text, ORG, log)


def test_cursors_kept_from_earlier_versions_are_still_good() -> None:
    assert read_cursor("AQAAAAAAAAAHAAAAAAAAAAUAAAAAAAAABv2oqIQ", ORG) == Cursor(ORG, 7, Place(5, 6))
