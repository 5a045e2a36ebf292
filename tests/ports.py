"""Ports for servers of tests, which are killed and come back on the same one."""

import random
import socket
from contextlib import suppress


def free_port() -> int:
    """Below those that the kernel gives to whoever connects: one of them could have it before its server is back."""
    for port in random.sample(range(20_000, 32_768), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")
