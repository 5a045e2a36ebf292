"""What is built into `server/static`: how much of it a browser loads, how it is served, what stands there without."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from server.pages import STATIC, pages
from tests.web.site import Site

PAGES = ("now", "score", "arcs", "sessions", "insights", "reports", "team")
MOST_BYTES = 45 * 1024
"""Gzipped, of what must be there before a page shows: the rest of a page, 10 KB at most, comes as it is needed."""
DRAWING_BYTES = 60 * 1024
"""The same with what draws charts over time, which comes when a page has such a chart."""


def _manifest() -> dict[str, dict[str, object]]:
    return json.loads((STATIC / "manifest.json").read_text())


def _loaded(manifest: dict[str, dict[str, object]], *entries: str) -> set[str]:
    """The files of these entries with all that they import from the start."""
    files: set[str] = set()
    waiting = [*entries]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        chunk = manifest[name]
        files |= {str(chunk["file"]), *_texts(chunk, "css")}
        waiting += _texts(chunk, "imports")
    return files


def _texts(chunk: dict[str, object], name: str) -> Iterator[str]:
    listed = chunk.get(name, [])
    assert isinstance(listed, list)
    yield from map(str, listed)


def _packed(files: set[str]) -> int:
    return sum(len(gzip.compress((STATIC / file).read_bytes(), 9)) for file in files)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_with_few_kilobytes(page: str) -> None:
    files = _loaded(_manifest(), "index.html", f"src/pages/{page}/page.tsx")
    assert not [file for file in files if "uPlot" in file], "charts come when there is one"
    size = _packed({"index.html", *files})
    assert size <= MOST_BYTES, f"{page}: {size:,} bytes"


def test_the_dashboard_with_what_draws_its_charts_stays_within_sixty_kilobytes() -> None:
    manifest = _manifest()
    drawing = [name for name in manifest if "uplot" in name.lower()]
    assert drawing
    size = _packed({"index.html", *_loaded(manifest, "index.html", "src/pages/now/page.tsx", *drawing)})
    assert size <= DRAWING_BYTES, f"{size:,} bytes"


def test_nothing_of_graphiql_is_loaded_by_the_dashboard() -> None:
    loaded = _loaded(_manifest(), "index.html")
    assert not [file for file in loaded if "graphiql" in file or "monaco" in file]


def test_each_larger_file_lies_there_packed() -> None:
    for file in STATIC.rglob("*.js"):
        if file.stat().st_size >= 1_024:
            assert gzip.decompress(file.with_name(file.name + ".gz").read_bytes()) == file.read_bytes()


async def test_files_are_kept_for_ever_and_the_page_is_asked_for_each_time(site: Site) -> None:
    script = next(file for file in _loaded(_manifest(), "index.html") if file.endswith(".js"))
    async with site.client() as client:
        asset = await client.get(f"/{script}", headers={"accept-encoding": "gzip"})
        page = await client.get("/")
        again = await client.get("/", headers={"if-none-match": page.headers["etag"]})
    assert (asset.status_code, asset.headers["content-encoding"]) == (200, "gzip")
    assert "immutable" in asset.headers["cache-control"]
    assert asset.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/",
        "/assets/nothing.js",
        "/assets/../pages.py",
        "/assets/..%2fpages.py",
        "/assets/%2e%2e/index.html",
        "/static/index.html",
    ],
)
async def test_nothing_else_is_served(site: Site, path: str) -> None:
    async with site.client() as client:
        assert (await client.get(path)).status_code == 404


async def test_the_page_may_load_only_what_comes_from_this_server(site: Site) -> None:
    async with site.client() as client:
        policy = (await client.get("/")).headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert "unsafe" not in policy
    assert "http" not in policy


async def test_without_built_pages_it_is_said_what_is_missing(tmp_path: Path) -> None:
    app = Starlette(routes=pages(tmp_path))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as client:
        answer = await client.get("/")
        asset = await client.get("/assets/a.js")
    assert answer.status_code == 200
    assert "make run" in answer.text
    assert "Node.js" in answer.text
    assert asset.status_code == 404
