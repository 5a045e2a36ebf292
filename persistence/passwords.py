"""Passwords of links: argon2id with the library's profile, a few at a time, because each takes 64 MiB for a while."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

T = TypeVar("T")

HASHER = PasswordHasher()
_THREADS = ThreadPoolExecutor(2, "passwords")


async def hash_of(clear: str) -> str:
    """What is kept of a password."""
    return await _aside(lambda: HASHER.hash(clear))


async def is_one_of(clear: str, hashes: Sequence[str]) -> bool:
    """Whether one of them was made of this password; it takes its time where there is none, too."""
    return await _aside(lambda: any(_fits(clear, hash) for hash in hashes or (_of_nobody(),)))


async def _aside(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work)


def _fits(clear: str, hash: str) -> bool:
    try:
        return HASHER.verify(hash, clear)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _of_nobody() -> str:
    """Of a password that nobody knows."""
    return HASHER.hash(secrets.token_urlsafe())
