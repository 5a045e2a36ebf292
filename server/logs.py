"""Structured logs on standard error: one line an event, secrets and prompts never in them."""

import logging
import re
import sys
import traceback
from contextlib import suppress
from typing import Literal

import structlog


def _places(exc_info: structlog.typing.ExcInfo) -> str:
    """Where an error came from, without its words: those of a database or a validator quote what was stored or sent."""
    told: list[str] = []
    cause: BaseException | None = exc_info[1]
    while cause is not None:
        told += [*traceback.format_tb(cause.__traceback__), f"{type(cause).__module__}.{type(cause).__qualname__}\n"]
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "".join(told).rstrip()


_WORD = re.compile(r"[\w.:/*<>+-]+")


def _plain(logger: object, method: str, line: structlog.types.EventDict) -> str:
    """As structlog writes it for people, but for colours, which take most of its time."""
    at, level, event, name = (str(line.pop(key)) for key in ("timestamp", "level", "event", "logger"))
    error: object = line.pop("exception", None)
    words = [f"{key}={text if _WORD.fullmatch(text := str(value)) else repr(value)}" for key, value in line.items()]
    told = f"{at} [{level:<9}] {event:<30} [{name}] {' '.join(words)}"
    return told if error is None else f"{told}\n{error}"


class _Lines:
    """Writes on standard error. Where it cannot, as on a full disk, the line is lost and nobody falls over it."""

    def __init__(self, name: str = "") -> None:
        self.name = name

    def info(self, line: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(line + "\n")
            sys.stderr.flush()

    debug = warning = error = critical = info


def set_up_logs(form: Literal["console", "json"]) -> None:
    for_people = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else _plain
    renderer = structlog.processors.JSONRenderer() if form == "json" else for_people
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(_places),
    ]
    structlog.configure(  # our own lines take no turn through logging, which takes longer than all the rest of them
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=_Lines,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processor=renderer))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for noisy in ("uvicorn.error", "uvicorn.access", "alembic", "httpx2"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
