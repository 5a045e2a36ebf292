"""Smoke tests of the bench look at everything but the figures, and so need no Python of its own for each server."""

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.bench import serve, served
from tests.forked import Forked


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(module: str, environment: Mapping[str, str], listener: socket.socket, output: BinaryIO) -> Forked:
        return Forked(serve.main, (module, listener), Path(output.name), dict(environment))

    monkeypatch.setattr(served, "start", start)
