"""Folders for the tests that start and kill an embedded PostgreSQL of their own."""

from collections.abc import Generator
from pathlib import Path

import pytest

from persistence.embedded import ensure_running
from persistence.postgres_server import server_below
from tests.persistence.clusters import is_stopped, sql


@pytest.fixture(scope="session")
def made_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    with ensure_running(folder) as cluster:
        sql(cluster, "CREATE TABLE kept (id int)")
    return folder


@pytest.fixture
def folder(made_folder: Path) -> Generator[Path]:
    """A stopped cluster that these tests share; those that spoil one have a copy in `empty_folder`."""
    assert is_stopped(made_folder)
    yield made_folder
    server_below(made_folder, {}).stop()


@pytest.fixture
def empty_folder(tmp_path: Path) -> Generator[Path]:
    yield tmp_path
    server_below(tmp_path, {}).stop()
