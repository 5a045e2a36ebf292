"""Regular expressions as each engine spells them."""

import pytest

from domain.insights.errors import InvalidQuery
from domain.insights.patterns import to_postgres, to_re2


@pytest.mark.parametrize(
    ("pattern", "re2", "postgres"),
    [
        ("^a.b$", "(?-s)^a.b$", r"(?c)^a[^\n]b$"),
        ("(?i)fix", "(?i-s)fix", "(?i)fix"),
        ("(?s)a.b", "(?s)a.b", "(?c)a.b"),
        ("(?is)a.b", "(?is)a.b", "(?i)a.b"),
        (r"\d{2}\b", r"(?-s)\d{2}\b", r"(?c)[0-9]{2}\y"),
    ],
)
def test_a_pattern_means_the_same_to_both(pattern: str, re2: str, postgres: str) -> None:
    assert to_re2(pattern) == re2
    assert to_postgres(pattern) == postgres


@pytest.mark.parametrize("pattern", ["(", "(?=a)", r"(a)\1", "a{1000}", "x" * 501])
def test_what_not_every_engine_knows_is_refused(pattern: str) -> None:
    for spell in (to_re2, to_postgres):
        with pytest.raises(InvalidQuery):
            spell(pattern)
