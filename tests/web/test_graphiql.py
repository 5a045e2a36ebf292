"""GraphiQL at `/graphql`: with a key it runs what it opens with, shows the schema and follows; the key stays secret."""

import re

from playwright.async_api import Browser, Page, WebSocket, expect

from tests.web.conftest import Faults, Shoot, check_accessible, sign_in, watch
from tests.web.site import Site, Team
from tests.web.work import Work

PAGES = ("now", "score", "arcs", "sessions", "insights", "reports", "team")
SECRET = "gck_of_somebody_else"
TABS = ".graphiql-tabs"
"""Drawn by the library: axe's `nested-interactive`, since the buttons of a tab lie within the tab."""


async def enter(page: Page, key: str) -> None:
    await page.get_by_label("Key", exact=True).fill(key)
    await page.get_by_role("button", name="Use key").click()


async def open_tab(page: Page, name: str) -> None:
    """Once the editor is there: until then the library opens tabs without their text."""
    text = page.get_by_role("region", name="Operation Editor").locator(".view-lines")
    await expect(text).not_to_be_empty()
    await page.get_by_role("tab", name=name).click()
    await expect(text).to_contain_text(name)


async def run(page: Page, tab: str) -> None:
    await open_tab(page, tab)
    await page.get_by_role("button", name="Execute query").click()


async def told(page: Page, text: str | re.Pattern[str]) -> None:
    await expect(page.get_by_role("region", name="Result Window")).to_contain_text(text)


KEPT = "JSON.stringify([{...localStorage}, document.cookie])"


async def test_without_a_key_it_says_what_to_do_and_with_one_it_runs_examples_and_shows_the_schema(
    page: Page, team: Team, shoot: Shoot, faults: Faults
) -> None:
    await page.goto("/graphql")
    await expect(page.get_by_text("Every request needs a key")).to_be_visible()
    await page.get_by_role("button", name="Show Documentation Explorer").click()
    await expect(page.get_by_role("region", name="Documentation Explorer")).to_contain_text("Enter a key")
    await run(page, "WhoAmI")
    await told(page, "Enter a key")
    await shoot("graphiql-no-key")
    await check_accessible(page, without=TABS)
    assert not faults
    faults.provokes = ("401",)  # the browser's own note of the answer
    for key in ("gck_nobody_knows_this_one", "schlüssel 鍵"):
        await enter(page, key)
        await expect(page.get_by_text("does not know this key")).to_be_visible()
        assert key not in await page.evaluate("JSON.stringify({...sessionStorage})")

    await enter(page, team.key)
    await expect(page.get_by_text(team.email)).to_be_visible()
    await run(page, "WhoAmI")
    await told(page, team.slug)
    await run(page, "Score")
    await told(page, '"prismScore"')
    docs = page.get_by_role("region", name="Documentation Explorer")
    await docs.get_by_role("link", name="Query", exact=True).click()
    await docs.get_by_role("link", name="viewer", exact=True).click()
    await expect(docs).to_contain_text("Viewer!")
    await shoot("graphiql-docs")
    await page.get_by_role("button", name="Show Examples").click()
    await page.get_by_role("region", name="Examples").get_by_role("button", name="NewestArcs").click()
    await expect(page.get_by_role("tab", name="NewestArcs")).to_have_count(2)
    await page.get_by_role("button", name="Execute query").click()
    await told(page, '"rationale"')
    await check_accessible(page, without=TABS)
    await shoot("graphiql-examples")


async def test_the_editor_explains_and_a_subscription_shows_what_happens_until_it_is_stopped(
    page: Page, team: Team, shoot: Shoot
) -> None:
    """The editor asks workers, which load from this server's own files."""
    await page.goto("/graphql")
    await enter(page, team.key)
    await open_tab(page, "Score")
    editor = page.get_by_role("region", name="Operation Editor")
    line = editor.locator(".view-line", has_text="letterGrade")
    await line.locator("span").last.hover()
    await expect(editor.locator(".monaco-hover:visible")).to_contain_text("Score.letterGrade: String")
    await line.click()
    await page.keyboard.press("End")
    await page.keyboard.press("Enter")
    await page.keyboard.type("crushW")
    await expect(editor.locator(".suggest-widget .monaco-list-row").first).to_contain_text("crushWeight")
    await expect(editor.locator(".squiggly-error")).to_be_visible()

    await run(page, "Live")
    await told(page, '"resync": true')
    await Work(team).asks("Round the totals half up in totals.py")
    await told(page, re.compile(r'"change":\s"[A-Z_]+"'))
    await shoot("graphiql-live")
    await page.get_by_role("button", name="Stop query").click()
    await expect(page.get_by_role("button", name="Execute query")).to_be_visible()


async def test_the_key_of_the_dashboard_is_used_and_kept_nowhere_else(page: Page, team: Team, faults: Faults) -> None:
    faults.provokes = ("401",)
    await sign_in(page, team.key)
    await page.get_by_role("link", name="GraphiQL").click()
    await expect(page.get_by_text(team.email)).to_be_visible()
    await open_tab(page, "Timeline")
    await page.get_by_role("button", name="Headers").click()
    await page.get_by_role("region", name="Headers").locator(".monaco-editor").last.click()
    await page.keyboard.insert_text(f'{{"X-API-Key": "{SECRET}"}}')
    await page.get_by_role("region", name="Operation Editor").locator(".view-line").last.click()
    await page.keyboard.press("Control+End")
    await page.keyboard.insert_text(f"\n# {team.key}\n")
    await page.get_by_role("button", name="Execute query").click()
    await told(page, "UNAUTHENTICATED")  # what stands among the headers comes first
    await page.wait_for_function(f"{KEPT}.includes('# …')")  # it is written once one has paused
    for secret in (team.key, SECRET):
        assert secret not in await page.evaluate(KEPT)
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_label("Key", exact=True)).to_be_visible()
    assert await page.evaluate("JSON.stringify({...sessionStorage})") == "{}"


async def test_the_pages_work_where_only_trusted_documents_are_answered(
    browser: Browser, site: Site, team: Team, faults: Faults
) -> None:
    strict = Site(site.urls, site.settings.model_copy(update={"documents": "trusted", "introspection": "off"}))
    await strict.start()
    context = await browser.new_context(base_url=strict.address)
    await context.add_init_script(f"sessionStorage.setItem('goalarc.key', '{team.key}')")

    page = await context.new_page()
    watch(page, strict, faults)
    follow(page, faults)
    try:
        for name in PAGES:
            # Loaded anew, until it has all it asks for.
            await page.goto(f"/?{name}#/{name}", wait_until="networkidle")
            await expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert not faults
        faults.provokes = ("403",)
        await page.goto("/graphql", wait_until="networkidle")
        await expect(page.get_by_role("status").filter(has_text="GOALARC_DOCUMENTS=trusted")).to_be_visible()
        await run(page, "WhoAmI")
        await told(page, "DOCUMENT_NOT_TRUSTED")
    finally:
        await context.close()
        await strict.stop()


def follow(page: Page, faults: Faults) -> None:
    """Notes what is refused in a stream; refused requests stand in the console."""

    def heard(frame: str | bytes) -> None:
        if "NOT_TRUSTED" in str(frame):
            faults.append(f"refused: {frame!r}")

    def opened(socket: WebSocket) -> None:
        socket.on("framereceived", heard)

    page.on("websocket", opened)
