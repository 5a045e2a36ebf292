"""What tests of the real program share."""

from collections.abc import Generator
from functools import cache
from pathlib import Path
from unittest.mock import patch

import pytest
from typer.main import get_command

from tests.conftest import TestCluster
from tests.postgres import made_once
from tests.server.goalarc import Goalarc


@pytest.fixture(scope="session")
def migrated(bare_cluster: TestCluster) -> Path:
    """A data directory as the first command leaves it. Copy it: to make one takes a second of CPU."""
    return made_once("migrated", lambda data_dir: Goalarc(data_dir).typed("db", "migrate"))


@pytest.fixture(scope="session", autouse=True)
def _commands_made_once() -> Generator[None]:
    """Not again for each that is typed: it takes longer than most of them."""
    with patch("typer.testing._get_command", cache(get_command)):
        yield
