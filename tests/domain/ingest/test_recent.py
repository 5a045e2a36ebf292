from domain.ingest.recent import Recent


def test_the_oldest_leave_when_the_weight_is_too_much() -> None:
    recent: Recent[str, int] = Recent(10)
    assert recent.put("a", 1, 4) == []
    assert recent.put("b", 2, 4) == []
    assert recent.put("c", 3, 4) == [1]
    assert recent.get("a") is None
    assert recent.get("b") == 2


def test_what_was_asked_for_counts_as_used() -> None:
    recent: Recent[str, int] = Recent(2)
    recent.put("a", 1)
    recent.put("b", 2)
    recent.get("a")
    assert recent.put("c", 3) == [2]


def test_a_new_value_takes_the_place_and_the_weight_of_the_old() -> None:
    recent: Recent[str, int] = Recent(10)
    recent.put("a", 1, 9)
    assert recent.put("a", 2, 1) == []
    assert recent.put("b", 3, 9) == []
    assert recent.drain() == [2, 3]


def test_what_is_too_heavy_leaves_at_once() -> None:
    recent: Recent[str, int] = Recent(10)
    assert recent.put("a", 1, 11) == [1]
    assert not recent.has("a")


def test_popped_and_drained_things_weigh_nothing() -> None:
    recent: Recent[str, int] = Recent(2)
    recent.put("a", 1, 2)
    assert recent.pop("a") == 1
    assert recent.pop("a") is None
    recent.put("b", 2, 2)
    assert recent.drain() == [2]
    assert recent.put("c", 3, 2) == []
