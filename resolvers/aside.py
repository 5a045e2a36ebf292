"""What takes long to read goes beside the event loop: others are served meanwhile."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LARGE_BYTES = 256 * 2**10
"""Reading so much takes longer than a thread takes to begin; what is smaller would only be slowed down."""


async def aside(size: int, work: Callable[[], T]) -> T:
    """What `work` returns, which looks at `size` bytes."""
    return await asyncio.to_thread(work) if size >= LARGE_BYTES else work()
