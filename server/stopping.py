"""Knowing that the process was told to end, before it does."""

import asyncio
import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def told_to_stop() -> Generator[asyncio.Event]:
    """Set at the first signal to end, which then goes to whoever handled it before.

    The web server waits for running answers, and only then ends the application: an answer that would go on for ever
    has to hear of it earlier. Outside of the main thread, where no signal arrives, it is never set.
    """
    stopping = asyncio.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopping
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    tell = _teller(asyncio.get_running_loop(), stopping, before)
    for number in _SIGNALS:
        signal.signal(number, tell)
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


Handler = Callable[[int, FrameType | None], object] | int | None


def _teller(
    loop: asyncio.AbstractEventLoop, stopping: asyncio.Event, before: dict[signal.Signals, Handler]
) -> Callable[[int, FrameType | None], None]:
    def tell(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stopping.set)
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    return tell
