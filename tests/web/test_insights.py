"""Insights in a browser: from the first run to the first one, each kind built, kept, changed, shared and watched."""

import re

from playwright.async_api import Locator, Page, expect

from domain.access import KeyKind
from tests.web.conftest import Shoot, check_accessible, sign_in
from tests.web.site import Site, Team

KINDS = {
    "Trends": "prompt 1",
    "Funnel": "from prompt to commit",
    "Retention": "cohort",
    "Paths": "ways between",
    "Lifecycle": "all days together",
    "Stickiness": "prompt",
}
"""What is said of a result of each kind on the way through all of them, beginning with what a newcomer sees."""


def result(page: Page) -> Locator:
    return page.get_by_role("region", name="Result")


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=name))


async def pick(page: Page, label: str, search: str) -> None:
    """Chooses by searching, as the keyboard does."""
    box = page.get_by_role("combobox", name=label)
    await box.click()
    await box.fill(search)
    await expect(page.get_by_role("listbox").get_by_role("option").first).to_be_visible()
    await box.press("Enter")


async def test_first_run_to_first_insight(page: Page, site: Site, shoot: Shoot) -> None:
    team = await site.team()
    await sign_in(page, team.key)
    await page.get_by_role("link", name="Insights").click()
    await expect(page.get_by_role("heading", name="Nothing was asked yet")).to_be_visible()
    await check_accessible(page)
    await shoot("insights-empty")

    await page.get_by_role("button", name="Add the ready-made insights").click()
    await expect(card(page, "From prompt to lasting change")).to_contain_text("Computed")
    await check_accessible(page)
    await shoot("insights-list")
    await page.get_by_role("link", name=re.compile("^Trends")).click()
    await expect(result(page)).to_contain_text("prompt 1")
    await pick(page, "Event of series A", "reached work not undone")
    await expect(page.get_by_role("combobox", name="Event of series A")).to_have_value("arc crushed")
    await expect(result(page)).to_contain_text("arc_crushed")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_label("Name")).not_to_have_value("")
    await page.get_by_label("Name").fill("Goals crushed")
    await shoot("insights-save")
    await page.get_by_role("dialog").get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name="Goals crushed")).to_be_visible()
    await page.get_by_role("link", name="Insights").first.click()
    await expect(card(page, "Goals crushed")).to_contain_text("Computed")


async def test_each_kind_is_built_and_the_address_has_it(page: Page, team: Team, shoot: Shoot) -> None:
    await sign_in(page, team.key, "#/insights/new?kind=trends")
    for kind, told in KINDS.items():
        await page.get_by_role("tab", name=kind).click()
        await expect(result(page).get_by_role("figure")).to_contain_text(told)
        await expect(result(page)).not_to_contain_text("cannot be computed")
        await shoot(f"insights-build-{kind.lower()}")
    await page.get_by_role("tab", name="Trends").click()
    await page.get_by_label("Counted as").first.select_option("sum of")
    await expect(page.get_by_role("alert")).to_contain_text("needs a number")
    await pick(page, "Of which number", "how long prompt")
    await expect(page.get_by_role("alert")).to_have_count(0)
    await page.get_by_role("button", name="+ Filter").first.click()
    await pick(page, "Property", "coding agent")
    await page.get_by_label("Value", exact=True).fill("claude-code")
    await page.get_by_label("Value", exact=True).press("Enter")
    await page.get_by_role("button", name="+ Breakdown").click()
    await pick(page, "Told apart by, 1", "project")
    await page.get_by_role("button", name="+ Formula").click()
    await page.get_by_label("Formula 1", exact=True).fill("A / Z")
    await expect(page.get_by_role("alert")).to_contain_text("there is no series Z")
    await page.get_by_label("Formula 1", exact=True).fill("A / 2")
    await expect(page.get_by_role("alert")).to_have_count(0)
    await expect(page).to_have_url(re.compile("A%20%2F%202|A\\+%2F\\+2"))
    await check_accessible(page)
    await shoot("insights-build-detailed")
    await page.reload()
    await expect(page.get_by_label("Formula 1", exact=True)).to_have_value("A / 2")
    await expect(page.get_by_role("button", name="Remove claude-code")).to_be_visible()


async def test_a_wrong_statement_says_where(page: Page, team: Team, shoot: Shoot) -> None:
    await sign_in(page, team.key, "#/insights/new?kind=sql")
    statement = page.get_by_label("Statement")
    await statement.fill("select event,\n  cont() as n from events")
    await statement.press("Control+Enter")
    await expect(page.get_by_role("alert")).to_contain_text("no function cont here (line 2, column 3)")
    await shoot("insights-sql-wrong")
    await page.get_by_role("button", name="Go to line 2, column 3").click()
    await page.keyboard.type("c")
    await expect(statement).to_have_value("select event,\n  cont() as n from events")
    await statement.press("End")
    await statement.press("Tab")
    await expect(statement).to_have_value(re.compile("events  $"))
    await statement.press("Escape")
    await statement.press("Tab")
    await expect(page.get_by_role("button", name="Run")).to_be_focused()
    await page.get_by_label("Begin with an example").select_option("Prompts by the hour of the day")
    await page.get_by_role("button", name="Run").click()
    await expect(result(page).get_by_role("columnheader", name="prompts")).to_be_visible()
    await check_accessible(page)
    await shoot("insights-sql")


async def test_one_insight_is_changed_deleted_and_brought_back(page: Page, team: Team, shoot: Shoot) -> None:
    await team.take_ready_made()
    await sign_in(page, team.key, "#/insights?kind=funnel")
    await expect(page.get_by_role("status").filter(has_text="1 insight")).to_be_visible()
    await page.get_by_role("link", name="From prompt to lasting change").click()
    await expect(result(page)).to_contain_text("from prompt to")
    await expect(page.get_by_role("heading", name="Look at next")).to_be_visible()
    await check_accessible(page)
    await shoot("insights-one")
    await page.get_by_role("button", name="Favourite").click()
    await expect(page.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("button", name="Change", exact=True).click()
    await page.get_by_label("Tags").fill("Reviews,")
    await page.get_by_label("Folder").fill("Team")
    await page.get_by_role("dialog").get_by_role("button", name="Save").click()
    await expect(page.get_by_role("link", name="reviews")).to_be_visible()
    await page.get_by_role("button", name="Refresh").click()
    await expect(result(page)).to_have_attribute("aria-busy", "false")

    await page.get_by_role("link", name="Edit", exact=True).click()
    await page.get_by_role("button", name="Remove step 5").click()
    await expect(result(page)).to_contain_text("from prompt to commit")
    await page.get_by_role("button", name="Save changes").click()
    await expect(page.get_by_role("region", name="Result")).to_contain_text("from prompt to commit")
    await expect(page.get_by_text("changed what it asks")).to_be_visible()
    await page.get_by_role("button", name="Duplicate").click()
    await expect(page.get_by_role("heading", name=re.compile(r"\(copy\)$"))).to_be_visible()
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("heading", name=re.compile(r"\(copy\)$"))).to_be_visible()
    await expect(page.get_by_text("brought it back")).to_be_visible()


async def test_a_link_is_shared_and_an_alert_made(page: Page, team: Team, shoot: Shoot) -> None:
    await team.take_ready_made()
    await sign_in(page, await team.key_of(KeyKind.PERSONAL, admin=True), "#/insights?search=crushed")
    await page.get_by_role("link", name="Share of goals that were crushed").click()
    await page.get_by_label("Open to whoever has the link").check()
    link = page.locator("a[href*='/shared/']")
    shared = await page.context.new_page()
    await shared.goto(await link.get_attribute("href") or "")
    await expect(shared.get_by_text("Share of goals that were crushed").first).to_be_visible()
    await page.bring_to_front()  # in the background a page is drawn seldom
    await page.get_by_label("Ask for a password").check()
    await page.get_by_role("button", name="New password").click()
    await page.get_by_role("dialog").get_by_role("button", name="Make it").click()
    password = await page.get_by_text("shown once").locator("..").get_by_role("code").inner_text()
    await shared.reload()
    await shared.get_by_label("Password").fill(password)
    await shared.keyboard.press("Enter")
    await expect(shared.get_by_text("Share of goals that were crushed").first).to_be_visible()
    await shared.close()
    await shoot("insights-shared")

    await page.get_by_role("button", name="New alert").click()
    await page.get_by_label("Name").fill("Fewer goals")
    await page.get_by_label("No less than").fill("101")
    await shoot("insights-alert")
    await page.get_by_role("dialog").get_by_role("button", name="Make it").click()
    await expect(page.get_by_text("at least 101")).to_be_visible()
    await check_accessible(page)
    await page.get_by_role("button", name="Switch off").click()
    await expect(page.get_by_text("Off", exact=True)).to_be_visible()


async def test_a_key_that_only_reads_is_told_so(page: Page, team: Team) -> None:
    await team.take_ready_made()
    await sign_in(page, await team.key_of(KeyKind.DEVELOPER, "insight:read"), "#/insights")
    await page.get_by_role("link", name="Developers who come back").click()
    await expect(result(page)).to_contain_text("cohort")
    for name in ("Edit", "Delete", "New alert"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)
    await page.goto("/#/insights/new")
    await expect(page.get_by_text("query:read")).to_be_visible()
