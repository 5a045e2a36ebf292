"""Waiting longer each time, never for ever."""

import pytest

from domain.waiting import FIRST_S, MOST_ASKED_S, MOST_S, wait_s


@pytest.mark.parametrize(
    ("failures", "chance", "asked_s", "seconds"),
    [
        (1, 0.0, None, FIRST_S / 2),
        (1, 0.5, None, FIRST_S * 0.75),
        (2, 0.0, None, FIRST_S),
        (4, 0.0, None, FIRST_S * 4),
        (8, 0.0, None, MOST_S / 2),
        (10**9, 0.0, None, MOST_S / 2),
        (1, 0.0, 30.0, 30.0),
        (1, 0.5, 30.0, 31.5),
        (8, 0.0, 1.0, MOST_S / 2),
        (1, 0.0, 10.0**9, MOST_ASKED_S),
        (1, 0.0, 0.0, FIRST_S / 2),
    ],
)
def test_it_doubles_up_to_a_minute_or_as_was_asked(
    failures: int, chance: float, asked_s: float | None, seconds: float
) -> None:
    assert wait_s(failures, chance, asked_s) == pytest.approx(seconds)
