"""How long to wait before what failed is tried again."""

FIRST_S = 0.5
MOST_S = 60.0
MOST_ASKED_S = 600.0
"""Longer than this nobody can make us wait."""


def wait_s(failures: int, chance: float, asked_s: float | None = None) -> float:
    """Seconds after so many failures in a row, at least 1: doubled each time, of which `chance` in [0, 1) keeps one to
    two halves, so that not all who wait come back at once. `asked_s` is how long the other side wants to be left
    alone."""
    doubled = min(MOST_S, FIRST_S * 2 ** min(failures - 1, 16))
    return max(doubled * (1 + chance) / 2, min(asked_s or 0.0, MOST_ASKED_S) * (1 + chance / 10))
