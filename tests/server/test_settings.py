"""Settings: the usual spellings are taken, the rest is refused in words that help."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from server.settings import Settings


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"GOALARC_{name.upper()}", raising=False)


def database(url: str) -> str | None:
    return Settings(database_url=url).database_url


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_the_usual_spellings_of_an_address_are_one(scheme: str) -> None:
    assert database(f"{scheme}://me:secret@db.example:5433/goalarc") == (
        "postgresql+asyncpg://me:secret@db.example:5433/goalarc"
    )


def test_an_empty_address_means_the_embedded_database() -> None:
    assert database("") is None


def test_sslmode_is_taken_as_libpq_writes_it() -> None:
    assert database("postgresql://db/x?sslmode=require") == "postgresql+asyncpg://db/x?ssl=require"


def test_a_password_keeps_its_special_characters() -> None:
    assert database("postgresql://me:a%40b%2Fc@db/x") == "postgresql+asyncpg://me:a%40b%2Fc@db/x"


def test_an_address_read_twice_stays_the_same() -> None:
    once = database("postgresql://me:a%40b@/x?host=/run/pg&port=5433&sslmode=disable")
    assert once is not None
    assert database(once) == once


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("nonsense", "must begin with postgresql://"),
        ("mysql://db/x", "must begin with postgresql://"),
        ("postgresql://db:port/x", "is not of the form"),
        ("postgresql://db:99999/x", "has a port outside 1-65535"),
        ("postgresql://db/x?channel_binding=require", "not known here: channel_binding"),
    ],
)
def test_a_wrong_address_is_refused_with_a_reason(url: str, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        database(url)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "65536"),
        ("workers", "0"),
        ("graphql_budget", "0"),
        ("log_format", "xml"),
        ("introspection", "maybe"),
        ("suggestions", ""),
        ("documents", "none"),
    ],
)
def test_a_value_out_of_range_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"GOALARC_{name.upper()}", value)
    with pytest.raises(ValidationError, match=name):
        Settings()


@pytest.mark.parametrize("name", ["introspection", "suggestions"])
def test_the_graph_tells_of_itself_unless_told_not_to(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert getattr(Settings(), name) == "on"
    monkeypatch.setenv(f"GOALARC_{name.upper()}", "off")
    assert getattr(Settings(), name) == "off"


@pytest.mark.parametrize(
    "url", ["goalarc.example.org", "ftp://x", "https://", "https://me:x@a", "https://a/?b", "https://a#b"]
)
def test_a_public_address_that_links_cannot_be_made_of_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="must be an address such as"):
        Settings(public_url=url)


def test_a_public_address_may_lie_below_a_path() -> None:
    assert Settings(public_url="https://example.org/goalarc/").public_url == "https://example.org/goalarc"
    assert Settings(public_url="").public_url is None


def test_fonts_are_looked_for_below_the_data_directory_and_where_told(monkeypatch: pytest.MonkeyPatch) -> None:
    data, fonts = Path("/data"), Path("/more")
    monkeypatch.setenv("GOALARC_FONTS_DIR", "")
    assert Settings(data_dir=data).font_dirs == [data / "fonts"]
    assert Settings(data_dir=data, fonts_dir=fonts).font_dirs == [fonts, data / "fonts"]


def test_networks_that_webhooks_may_reach_are_read_once() -> None:
    assert Settings().webhook_networks == ()
    networks = Settings(webhook_allow="127.0.0.0/8, fd12::/16").webhook_networks
    assert [str(network) for network in networks] == ["127.0.0.0/8", "fd12::/16"]
    for wrong in ("localhost", "10.0.0.1/8", "10.0.0.0/8;fd12::/16", "*"):
        with pytest.raises(ValidationError, match=r"must name networks such as 10\.0\.0\.0/8"):
            Settings(webhook_allow=wrong)


def test_an_unknown_way_to_wake_is_refused() -> None:
    with pytest.raises(ValidationError, match="memory://, postgresql:// or redis://"):
        Settings(broadcast_url="ftp://x")


def test_a_tilde_in_the_data_directory_means_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Settings(data_dir=Path("~/here")).data_dir == tmp_path / "here"


@pytest.mark.parametrize(
    ("workers", "external", "broadcast", "bus"),
    [
        (1, None, None, "memory://"),
        (2, None, None, None),
        (1, "postgresql://db/x", None, None),
        (2, None, "redis://r", "redis://r"),
    ],
)
def test_wake_ups_stay_in_memory_only_within_one_process(
    workers: int, external: str | None, broadcast: str | None, bus: str | None
) -> None:
    assert Settings(workers=workers, database_url=external, broadcast_url=broadcast).bus_url == bus


def test_the_address_of_a_clickhouse_is_one_of_http() -> None:
    url = "https://goalarc:secret@clickhouse.example:8443/insights"
    assert Settings.model_validate({"clickhouse_url": url}).clickhouse_url is not None
    assert Settings.model_validate({"clickhouse_url": ""}).clickhouse_url is None
    for wrong in ("clickhouse://me@host/db", "https://", "https://host:8443/db?secure=1", "9000"):
        with pytest.raises(ValidationError, match="https://user:password@host:port/database"):
            Settings.model_validate({"clickhouse_url": wrong})


def test_a_clickhouse_needs_its_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.settings.find_spec", lambda name: None)
    with pytest.raises(ValidationError, match="clickhouse]"):
        Settings.model_validate({"clickhouse_url": "http://localhost:8123/insights"})
