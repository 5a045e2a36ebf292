"""The page of the team: keys handed out and revoked, settings, erasures; and what a key may not see, said in words."""

import re

from playwright.async_api import Locator, Page, expect

from domain.access import KeyKind
from tests.web.conftest import Shoot, check_accessible, sign_in
from tests.web.site import Team

MINE = "{ viewer { email } }"


async def open_part(page: Page, name: str) -> Locator:
    await page.get_by_role("tab", name=name).click()
    return page.get_by_role("tabpanel")


async def status_of(team: Team, key: str) -> int:
    return (await team.post("/graphql", {"query": MINE}, key)).status_code


async def test_an_administrator_hands_out_a_key_and_takes_it_back(page: Page, team: Team, shoot: Shoot) -> None:
    admin = await team.key_of(KeyKind.PERSONAL, admin=True)
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await sign_in(page, admin, "#/team")
    row = page.get_by_role("row", name=team.email)
    await expect(row.get_by_role("link", name="10: all sessions")).to_be_visible()
    await expect(page.get_by_role("link", name="What a manager may see")).to_be_visible()
    await check_accessible(page)
    await shoot("team-developers")

    await open_part(page, "Keys")
    await page.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("radio", name="Reviewer").check()
    await expect(dialog.get_by_text("Your own key lacks sessions:delete")).to_be_visible()
    await dialog.get_by_label("Whose").fill("kim")
    await dialog.get_by_role("button", name="Make the key").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("no e-mail address")
    await dialog.get_by_label("Whose").fill("Kim@Example.org")
    await shoot("team-new-key")
    await dialog.get_by_role("button", name="Make the key").click()
    secret = await dialog.get_by_label("Secret").input_value()
    await dialog.get_by_role("button", name="Copy").click()
    await expect(dialog.get_by_role("status")).to_contain_text("Copied")
    assert await page.evaluate("navigator.clipboard.readText()") == secret
    await check_accessible(page)
    await shoot("team-secret")
    assert await status_of(team, secret) == 200
    await dialog.get_by_role("button", name="Done").click()
    await expect(dialog).to_have_count(0)
    row = page.get_by_role("row", name="kim@example.org")
    await expect(row).to_contain_text("Everybody’s work")
    assert secret not in await page.content()
    await shoot("team-keys")

    await row.get_by_role("button", name="Revoke").click()
    await dialog.get_by_role("button", name="Revoke").click()
    await expect(row).to_have_count(0)
    assert await status_of(team, secret) == 401
    await page.get_by_role("button", name=re.compile("personal key of developer@")).click()
    await expect(dialog).to_contain_text("you will be signed out")
    await dialog.get_by_role("button", name="Revoke").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("the last key that may administer")
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)


async def test_an_administrator_changes_what_is_kept_and_erases_a_developer(
    page: Page, team: Team, shoot: Shoot
) -> None:
    await team.key_of(KeyKind.DEVELOPER, email="lee@example.org")
    await sign_in(page, await team.key_of(KeyKind.PERSONAL, admin=True), "#/team?tab=settings")
    await page.get_by_label("Sessions are kept").select_option("days")
    await page.get_by_label("Days since").fill("730")
    await page.get_by_label("Score shown first").select_option("V2")
    await page.get_by_role("button", name="Save").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("more than 730 days ago are erased for good")
    await dialog.get_by_role("button", name="Go on").click()
    await expect(page.get_by_role("button", name="Save")).to_be_disabled()
    await check_accessible(page)
    await shoot("team-settings")
    await page.reload()
    await expect(page.get_by_label("Days since")).to_have_value("730")
    await expect(page.get_by_label("Score shown first")).to_have_value("V2")

    await open_part(page, "Developers")
    await page.get_by_label("Address").fill("LEE@")
    await page.get_by_role("button", name="Erase lee@example.org").click()
    typed = dialog.get_by_label("Type lee@example.org")
    await typed.fill("lee")
    await dialog.get_by_role("button", name="Erase for good").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("not the address")
    await shoot("team-erase")
    await typed.fill("lee@example.org")
    await typed.press("Enter")
    await expect(page.get_by_text("Nothing is left")).to_be_visible()
    await expect(page.get_by_text("No address like this")).to_be_visible()
    await page.get_by_label("Address").fill("")
    await expect(page.get_by_role("row", name=team.email)).to_be_visible()
    await shoot("team-erased")


async def test_others_see_what_they_may_and_why_the_rest_is_not_there(page: Page, team: Team, shoot: Shoot) -> None:
    await sign_in(page, team.key, "#/team")
    await expect(page.get_by_text("Your key sees your own work")).to_be_visible()
    await expect(page.get_by_role("row")).to_have_count(2)
    await page.get_by_role("link", name=re.compile("all flags of")).click()
    panel = page.get_by_role("tabpanel")
    await expect(panel.get_by_role("table", name="Integrity flags").get_by_role("link").first).to_be_visible()
    await check_accessible(page)
    await shoot("team-integrity")
    await open_part(page, "Keys")
    await expect(panel).to_contain_text("shown to keys that may administer (scope admin)")
    await open_part(page, "Settings")
    await expect(panel.get_by_label("Sessions are kept")).to_be_disabled()
    await page.get_by_role("link", name="What a manager may see").click()
    await expect(panel.get_by_role("heading", name="What nobody sees")).to_be_visible()
    await expect(panel.get_by_role("table", name="Kinds of keys")).to_contain_text("Candidate")
    await check_accessible(page)
    await shoot("team-sight")


async def test_the_page_stands_on_a_small_screen_and_with_a_key_that_reads_nothing(
    page: Page, team: Team, shoot: Shoot
) -> None:
    key = await team.key_of(KeyKind.DEVELOPER, "events:write", email="agent@example.org")
    await page.set_viewport_size({"width": 360, "height": 740})
    await sign_in(page, key, "#/team")
    for part, scope in (("Developers", "sessions:read"), ("Keys", "admin"), ("Integrity", "scores:read")):
        await expect(await open_part(page, part)).to_contain_text(f"scope {scope}")
    await page.get_by_role("tab", name="Integrity").press("ArrowRight")
    await expect(page.get_by_role("tab", name="Settings")).to_be_focused()
    await expect(page.get_by_role("tabpanel")).to_contain_text("These hold for everybody")
    await open_part(page, "Who sees what")
    await expect(page.get_by_role("heading", name="Your key")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    await check_accessible(page)
    await shoot("team-small")
