"""How much that was sent is worked on at the same time: what is decoded takes many times its size."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from domain.errors import Unavailable

AT_ONCE_BYTES = 32 * 2**20
LEAST_BYTES = 2**20
"""A body of any size counts as this much at least; what is beyond `AT_ONCE_BYTES` is to come back."""


@dataclass(slots=True)
class _Work:
    size: int = 0


_work = _Work()


@contextmanager
def turn(size: int) -> Generator[None]:
    """A place for so many bytes among those being worked on in this process. Raises Unavailable if there is none."""
    size = max(size, LEAST_BYTES)
    if _work.size + size > AT_ONCE_BYTES:
        raise Unavailable("too much is being read at the same time: try again in a moment")
    _work.size += size
    try:
        yield
    finally:
        _work.size -= size
