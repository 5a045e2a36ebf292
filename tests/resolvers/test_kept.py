"""What is kept is bounded by weight, and what is used stays."""

from resolvers.kept import Kept


def test_the_least_recently_used_goes_first() -> None:
    kept: Kept[str, int] = Kept(3)
    for number, name in enumerate("abc"):
        kept.put(name, number, 1)
    assert kept.get("a") == 0
    kept.put("d", 3, 1)
    assert [kept.get(name) for name in "abcd"] == [0, None, 2, 3]


def test_weights_are_bounded() -> None:
    kept: Kept[str, int] = Kept(10)
    kept.put("small", 1, 4)
    kept.put("large", 2, 8)
    assert (kept.get("small"), kept.get("large")) == (None, 2)
    kept.put("huge", 3, 11)
    assert (kept.get("huge"), kept.get("large"), len(kept)) == (None, 2, 1)


def test_what_is_put_again_weighs_once() -> None:
    kept: Kept[str, int] = Kept(10)
    for weight in (6, 7, 2):
        kept.put("a", weight, weight)
    kept.put("b", 8, 8)
    assert (kept.get("a"), kept.get("b")) == (2, 8)
    kept.drop("a")
    kept.drop("unknown")
    assert len(kept) == 1
