"""The page *Arcs*: found, read, and changed by who worked on them."""

import re

from playwright.async_api import Page, expect

from domain.access import KeyKind
from tests.web.conftest import Shoot, check_accessible, place, sign_in
from tests.web.site import Team

HARBOUR = "Fix that in src/format.ts"


async def _open(page: Page, search: str, title: str) -> None:
    """From the list to the arc that says it in a prompt."""
    await page.get_by_role("link", name="Arcs", exact=True).click()
    await page.get_by_role("searchbox").fill(search)
    await expect(page.get_by_role("status").filter(has_text="1 arc")).to_be_visible()
    await page.get_by_role("table", name="Goal arcs").get_by_role("link", name=title).click()
    await expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()


async def _send(page: Page, button: str) -> None:
    await page.get_by_role("dialog").get_by_role("button", name=button, exact=True).click()
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_arcs_are_searched_filtered_and_opened(page: Page, team: Team, shoot: Shoot) -> None:
    await sign_in(page, team.key, "#/arcs")
    rows = page.get_by_role("table", name="Goal arcs").get_by_role("row")
    await expect(page.get_by_text("9 arcs")).to_be_visible()
    await expect(rows).to_have_count(10)
    await shoot("arcs-list")
    await check_accessible(page)
    await page.get_by_role("searchbox").fill('"harbour office"')  # only a prompt says so
    await expect(rows).to_have_count(2)
    await expect(page).to_have_url(re.compile("search=%22harbour"))
    await page.get_by_role("searchbox").fill("")
    await page.get_by_label("Outcome").select_option("Missed or undone")
    await page.get_by_label("Intent").select_option("Bug fix")
    await expect(rows).to_have_count(2)
    await page.get_by_text("More filters").click()
    await page.get_by_label("Flag").select_option("Tiny prompt burst")
    await expect(page.get_by_role("heading", name="Nothing meets these filters")).to_be_visible()
    await shoot("arcs-none")
    await page.get_by_label("Flag").select_option("Auto retry storm")
    await page.reload()
    await expect(page.get_by_label("Flag")).to_have_value("AUTO_RETRY_STORM")  # it stands in the address
    await rows.get_by_role("link", name=HARBOUR).click()
    await expect(page.get_by_role("heading", name="Verdict")).to_be_visible()
    evidence = page.get_by_role("listitem").filter(has_text="Objection")
    await expect(evidence.get_by_text("-40")).to_be_visible()
    await expect(evidence.get_by_text("I'll look at it myself tomorrow")).to_be_visible()
    await expect(page.get_by_role("table", name="Tools used").get_by_role("row").nth(1)).to_contain_text("Bash")
    await shoot("arcs-one")
    await check_accessible(page)
    await evidence.get_by_role("link").click()
    await expect(page).to_have_url(re.compile(r"#/sessions/[^?]+\?at="))
    await page.go_back()
    await page.go_back()
    await expect(page.get_by_label("Intent")).to_have_value("BUG_FIX")
    await page.get_by_role("button", name="Clear filters").click()
    await expect(rows).to_have_count(10)


async def test_the_list_comes_back_to_where_it_was_left_and_an_open_page_follows_what_happens_elsewhere(
    page: Page, team: Team
) -> None:
    await page.set_viewport_size({"width": 1280, "height": 420})
    await sign_in(page, team.key, "#/arcs")
    last = page.get_by_role("table", name="Goal arcs").get_by_role("link").last
    await last.scroll_into_view_if_needed()
    before = await page.evaluate("scrollY")
    assert before > 0
    await last.click()
    await expect(page.get_by_role("heading", name="Verdict")).to_be_in_viewport()  # a page begins at its top
    await page.go_back()
    await expect(last).to_be_in_viewport()
    await page.wait_for_function("before => scrollY === before", arg=before)

    await last.click()
    await expect(page.get_by_role("heading", name="Verdict")).to_be_visible()
    id = (await place(page)).rsplit("/", 1)[1]
    rename = "mutation ($i: RenameSubSessionInput!) { renameSubSession(input: $i) { userErrors { message } } }"
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    await team.graph(rename, i={"id": id, "title": "Renamed elsewhere"})
    await expect(page.get_by_role("heading", level=1, name="Renamed elsewhere")).to_be_visible()


async def test_its_developer_renames_appeals_and_takes_back(page: Page, team: Team, shoot: Shoot) -> None:
    await sign_in(page, team.key)
    await _open(page, '"harbour office"', HARBOUR)
    await page.get_by_role("button", name="Rename").click()
    title = page.get_by_role("dialog").get_by_label("Title")
    await title.fill("x" * 61)
    await page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    await expect(title).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_role("dialog").get_by_text("61 of 60 characters")).to_be_visible()
    await shoot("arcs-rename")
    await check_accessible(page)
    await title.fill("Tides in summer time")
    await _send(page, "Rename")
    await expect(page.get_by_role("heading", level=1, name="Tides in summer time")).to_be_visible()
    await page.get_by_role("button", name="Undo", exact=True).click()
    await expect(page.get_by_role("heading", level=1, name=HARBOUR)).to_be_visible()
    await page.get_by_role("button", name="Appeal verdict").click()
    await page.get_by_role("dialog").get_by_label("Why").fill("The tides are right on the quay.")
    await _send(page, "Appeal")
    await expect(page.get_by_text("Appealed: the developer says that the goal was reached")).to_be_visible()
    await expect(page.get_by_text("“The tides are right on the quay.”")).to_be_visible()
    await shoot("arcs-appealed")
    await check_accessible(page)
    await page.get_by_role("button", name="Withdraw appeal").click()
    await _send(page, "Withdraw")
    await expect(page.get_by_text("Appealed:")).to_have_count(0)
    await page.get_by_role("button", name="Undo", exact=True).click()
    await expect(page.get_by_text("“The tides are right on the quay.”")).to_be_visible()


async def test_its_developer_splits_merges_and_undoes(page: Page, team: Team, shoot: Shoot) -> None:
    await sign_in(page, team.key)
    await _open(page, "bundle", "Investigate why the production bundle")
    prompts = page.get_by_role("heading", level=2, name=re.compile(r"Prompts \(\d\)"))
    await expect(prompts).to_have_text("Prompts (3)")
    await page.get_by_role("button", name="Split", exact=True).click()
    await page.get_by_role("dialog").get_by_role("button", name="Split").click()
    await expect(page.get_by_role("alert")).to_have_text("Choose what the second part begins with.")
    await page.get_by_role("tab", name="All events").click()
    await expect(page.get_by_role("radio").first).to_be_visible()
    await page.get_by_role("tab", name="Prompts").click()
    await page.get_by_role("radio").first.check()
    await shoot("arcs-split")
    await check_accessible(page)
    await _send(page, "Split")
    await expect(prompts).to_have_text("Prompts (1)")
    await page.get_by_role("button", name="Undo", exact=True).click()
    await expect(prompts).to_have_text("Prompts (3)")
    await page.get_by_role("button", name="Split", exact=True).click()
    await page.get_by_role("radio").last.check()
    await _send(page, "Split")
    await expect(prompts).to_have_text("Prompts (2)")
    first = await place(page)
    await page.locator("dt", has_text="After it").locator("xpath=..").get_by_role("link").click()
    await expect(prompts).to_have_text("Prompts (1)")
    await expect(page.get_by_role("button", name="Undo split")).to_be_visible()
    await page.get_by_role("button", name="Merge", exact=True).click()
    await shoot("arcs-merge")
    await check_accessible(page)
    await _send(page, "Merge")
    await expect(page).to_have_url(first)
    await expect(prompts).to_have_text("Prompts (3)")
    await expect(page.get_by_text("2 arcs are one now.")).to_be_visible()
    await page.get_by_role("button", name="Undo merge").click()
    await _send(page, "Undo merge")
    await expect(prompts).to_have_text("Prompts (2)")


async def test_who_may_not_change_is_told_why(page: Page, team: Team) -> None:
    """A key that only reads arcs, which shows no sessions either; then that of a colleague who sees everything."""
    await sign_in(page, await team.key_of(KeyKind.DEVELOPER, "scores:read"), "#/arcs")
    rows = page.get_by_role("table", name="Goal arcs").get_by_role("link")
    await rows.first.click()
    await expect(page.get_by_text("This key can only read.")).to_be_visible()
    await expect(page.get_by_role("button", name="Rename")).to_have_count(0)
    await expect(page.get_by_role("heading", name="Prompts")).to_be_visible()
    await page.get_by_role("button", name="Sign out").click()
    lead = await team.key_of(KeyKind.PERSONAL, admin=True, email="lead@example.org")
    await sign_in(page, lead, "#/arcs")
    await rows.first.click()
    await expect(page.get_by_text("Only developer@example.org can change this arc")).to_be_visible()
    await expect(page.get_by_role("button", name="Rename")).to_have_count(0)
