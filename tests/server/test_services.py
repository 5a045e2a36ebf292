"""What runs beside the requests."""

import asyncio
import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from persistence.database import Urls
from persistence.insights.clickhouse.engine import ClickHouseEngine
from persistence.model_writer import ModelWriter
from resolvers.context import Services
from server.commands import doctor, serve
from server.services import open_services, working
from server.settings import Settings
from tests.bench.recorded import Recorder
from tests.sent import telling


async def looks(services: Services, concurrency: int) -> int:
    """How often the queue was looked at within a moment."""
    recorder = Recorder()
    with telling(recorder.told):
        async with working(services, concurrency):
            await asyncio.sleep(0.2)
        return len(recorder.transactions)


async def test_without_hands_nobody_looks_for_work(fresh_services: Services) -> None:
    assert await looks(fresh_services, 0) == 0
    assert await looks(fresh_services, 1) > 0


async def test_a_model_writes_reports_where_one_is_named(urls: Urls, tmp_path: Path) -> None:
    plain = Settings(data_dir=tmp_path)
    async with open_services(plain, urls) as services:
        assert services.writer is None
    named = plain.model_copy(update={"writer_model": "llama", "writer_api_key": SecretStr("key-1")})
    assert "key-1" not in repr(named)
    async with open_services(named, urls) as services:
        assert isinstance(services.writer, ModelWriter)
        assert services.writer.name == "llama"


@pytest.mark.parametrize(("installed", "ok"), [(object(), True), (None, False)])
def test_the_doctor_misses_the_library_of_a_model(monkeypatch: pytest.MonkeyPatch, installed: object, ok: bool) -> None:
    monkeypatch.setattr(doctor, "find_spec", lambda name: installed)
    finding = doctor._writer("llama")
    assert (finding.ok, "goalarc[models]" in finding.says) == (ok, not ok)


async def test_a_clickhouse_that_is_named_is_asked_and_kept_secret(urls: Urls, tmp_path: Path) -> None:
    plain = Settings(data_dir=tmp_path)
    async with open_services(plain, urls) as services:
        assert services.clickhouse is None
    named = Settings(data_dir=tmp_path, clickhouse_url=SecretStr("http://goalarc:secret@127.0.0.1:1/insights"))
    assert "secret" not in repr(named)
    async with open_services(named, urls) as services:
        assert isinstance(services.engine, ClickHouseEngine)
    finding = await doctor._clickhouse("http://goalarc:secret@127.0.0.1:1/insights")
    assert not finding.ok
    assert "secret" not in finding.says


def test_server_processes_are_told_secrets_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {})
    serve._hand_down(Settings(data_dir=tmp_path, writer_api_key=SecretStr("key-1")))
    assert os.environ["GOALARC_WRITER_API_KEY"] == "key-1"
