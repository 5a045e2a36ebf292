"""The dashboard and GraphiQL in a real browser, against the whole server.

Skipped with a reason where there is no Chromium or the pages are not built. What a page writes to the console as an
error, a request outside the server's origin and a breach of the content policy fail the test that met them.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, async_playwright, expect

from persistence.database import Urls
from server.pages import STATIC
from server.settings import Settings
from tests.conftest import TestCluster
from tests.web.site import Site, Team

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A page of the address bar's suggestions, loaded in a process of its own for each window, took half the CPU.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,"
    # The last such list counts: what Playwright would switch off.
    "AimEnabled,AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsFirstBalancedModeAutoEnable,"
    "HttpsUpgrades,LensOverlay,MediaRouter,NetworkTimeServiceQuerying,OptimizationHints,PaintHolding,"
    "PreconnectToSearch,ThirdPartyStoragePartitioning",
]
PICTURES = Path(__file__).parents[2] / "build" / "screenshots"
"""Where each run leaves what the pages looked like."""
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_MS = 20_000
"""How long a page may take on a machine that does much beside: nothing here measures time."""

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = _missing()
    for item in items:
        if missing and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=missing))


def _missing() -> str | None:
    if not CHROMIUM.exists():
        return "no Chromium: install Debian's package `chromium`"
    if not (STATIC / "index.html").exists():
        return "the pages are not built: `make page`"
    return None


@pytest.fixture(scope="package")
async def site(cluster: TestCluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Site]:
    """A running server over a database of its own; it ends with these tests, since others count what is asked."""
    async with cluster.clone("site") as urls:
        settings = Settings(data_dir=tmp_path_factory.mktemp("site"), rate_limits="off")

        @asynccontextmanager
        async def open_urls(_: Settings) -> AsyncGenerator[Urls]:
            yield urls

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("server.app.open_urls", open_urls)
            site = Site(urls, settings)
            await site.start()
            yield site
            await site.stop()


@pytest.fixture(scope="module")
async def team(site: Site) -> Team:
    """An organisation with the sample, which the tests of one file share."""
    return await site.team()


@pytest.fixture(scope="package")
async def browser() -> AsyncGenerator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def context(browser: Browser, site: Site) -> AsyncGenerator[BrowserContext]:
    """An empty profile; times are said in UTC unless a test asks for another zone."""
    context = await browser.new_context(
        base_url=site.address, viewport={"width": 1280, "height": 800}, timezone_id="UTC", reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    await context.close()


class Faults(list[str]):
    """What must not happen in any page, unless it says one of the words that a test `provokes`.

    A browser tells late: what a test took out at its end could come again before the page was gone.
    """

    provokes: tuple[str, ...] = ()


@pytest.fixture
async def faults(site: Site) -> AsyncGenerator[Faults]:
    faults = Faults()
    yield faults
    assert not [fault for fault in faults if not any(word in fault for word in faults.provokes)]


@pytest.fixture
async def page(context: BrowserContext, site: Site, faults: Faults) -> Page:
    page = await context.new_page()
    watch(page, site, faults)
    return page


def watch(page: Page, site: Site, faults: list[str]) -> None:
    def told(message: ConsoleMessage) -> None:
        if message.type == "error":
            faults.append(f"console: {message.text}")

    def asked(request: Request) -> None:
        if not request.url.startswith((site.address, site.address.replace("http", "ws", 1), "data:", "blob:")):
            faults.append(f"asked elsewhere: {request.url}")

    page.on("console", told)
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("request", asked)
    page.on("websocket", lambda socket: None if socket.url.startswith("ws://127.0.0.1:") else faults.append(socket.url))


async def sign_in(page: Page, key: str, hash: str = "") -> None:
    """Pastes the key as a person does, and goes to the place after the `#`."""
    await page.goto(f"/{hash}")
    await page.get_by_label("Key").fill(key)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("navigation", name="Pages")).to_be_visible()


async def place(page: Page) -> str:
    """Its address, as the page itself has it: `page.url` hears of a new one a little later."""
    return await page.evaluate("location.href")


Shoot = Callable[[str], Awaitable[None]]


@pytest.fixture
async def shoot(page: Page) -> Shoot:
    """Keeps what the page looks like, whole, under a name such as `arcs-one`."""
    PICTURES.mkdir(parents=True, exist_ok=True)

    async def shoot(name: str) -> None:
        assert re.fullmatch(r"[a-z0-9-]+", name)
        await page.screenshot(path=PICTURES / f"{name}.jpg", full_page=True)

    return shoot


async def check_accessible(page: Page, *, without: str = "") -> None:
    """Fails for what axe-core calls serious or critical, in both schemes; `without` selects what is not ours.

    The second scheme changes colours alone, so that only the rules on these can say something else in it.
    """
    await page.emulate_media(color_scheme="dark")
    assert not await _lasting(page, without, {})
    await page.emulate_media(color_scheme="light")
    assert not await _lasting(page, without, {"runOnly": ["color-contrast", "link-in-text-block"]})


async def _lasting(page: Page, without: str, options: dict[str, list[str]]) -> list[str]:
    """What axe finds again and again: GraphiQL's editor follows another scheme a little after the rest of the page."""
    found = await _axe(page, without, options)
    for _ in range(20):
        if not found:
            break
        await asyncio.sleep(0.1)
        found = await _axe(page, without, options)
    return found


async def _axe(page: Page, without: str, options: dict[str, list[str]]) -> list[str]:
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate(
        "([without, options]) => axe.run(without ? {exclude: [without]} : document, options)"
        ".then(result => result.violations.map(({id, impact, nodes}) => ({id, impact, at: nodes.map(n => n.html)})))",
        [without, {"resultTypes": ["violations"], **options}],
    )
    return [f"{one['id']}: {one['at'][:3]}" for one in found if one["impact"] in ("serious", "critical")]
