"""What tests of the real program share."""

from pathlib import Path

import pytest

from tests.conftest import TestCluster
from tests.postgres import made_once
from tests.server.goalarc import Goalarc


@pytest.fixture(scope="session")
def migrated(bare_cluster: TestCluster) -> Path:
    """A data directory as the first command leaves it. Copy it: to make one takes a second of CPU."""
    return made_once("migrated", lambda data_dir: Goalarc(data_dir).typed("db", "migrate"))
