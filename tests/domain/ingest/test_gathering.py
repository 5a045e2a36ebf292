"""Lines on their way into a transaction: those without a session wait for it, but not without bound."""

from domain.ingest.gathering import Gathered
from domain.ingest.reading import LineRead
from domain.timeline import Event, Kind
from domain.values import SessionId
from tests.make import event

SESSION = SessionId("s")


def line(number: int, size: int = 10, *events: Event) -> LineRead:
    return LineRead(number, SESSION, events, record={"blob": "x" * size}, digest=b"%d" % number)


def test_lines_before_the_first_event_go_with_it() -> None:
    gathered = Gathered("f")
    gathered.add(line(1), 10)
    assert gathered.take().raw == ()
    gathered.add(line(2, 10, event(Kind.PROMPT, session_id=SESSION)), 10)
    assert [raw.position for raw in gathered.take().raw] == [1, 2]


def test_what_waits_for_an_event_is_bounded_by_lines_and_by_bytes() -> None:
    for lines, size in ((5_000, 1), (50, 2**20)):
        gathered = Gathered("f")
        for number in range(lines):
            gathered.add(line(number, size), size)
            if gathered.full:
                gathered.take()
        gathered.take()
        assert sum(len(raw.body) for raw in gathered.raw) <= 16 * 2**20
        assert 0 < len(gathered.raw) <= 2_000
