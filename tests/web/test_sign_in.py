"""Keys: a good one opens the dashboard, any other says why it does not, and none outlives its tab."""

import re
from datetime import UTC, datetime

import pytest
from playwright.async_api import BrowserContext, Page, expect

from domain.access import KeyKind
from resolvers.access import authenticate, revoke_key
from tests.web.conftest import Faults, Shoot, check_accessible, sign_in
from tests.web.site import Site, Team


@pytest.fixture(scope="module")
async def team(site: Site) -> Team:
    return await site.team(sample=False)


async def test_a_bad_key_is_refused_in_words_and_kept_nowhere(page: Page, shoot: Shoot, faults: Faults) -> None:
    faults.provokes = ("401",)  # the browser's own note of the answer
    await page.goto("/")
    await shoot("sign-in")
    await page.get_by_label("Key").fill("gck_nobody_knows_this_one")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_contain_text("does not know this key")
    await expect(page.get_by_label("Key")).to_be_visible()
    assert (
        await page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie])") == '[{},{},""]'
    )
    await check_accessible(page)
    await shoot("sign-in-refused")

    asked: list[str] = []
    await page.reload()
    page.on("request", lambda request: asked.append(request.url))
    await page.get_by_label("Key").fill("schlüssel 鍵")  # can be no key, and is not sent
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_contain_text("does not know this key")
    assert not [url for url in asked if url.endswith("graphql")]


async def test_the_key_stays_with_its_tab_until_one_signs_out(page: Page, context: BrowserContext, team: Team) -> None:
    await sign_in(page, team.key, "#/team")
    await expect(page.get_by_role("link", name="Team")).to_have_attribute("aria-current", "page")
    await page.reload()
    await expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
    other = await context.new_page()
    await other.goto("/")
    await expect(other.get_by_label("Key")).to_be_visible()
    for place, said in (("#/arcs/%", "All arcs"), ("#/toString", "no such page"), ("#/arcs?search=mine", "Arcs")):
        await page.goto(f"/{place}")  # no such address takes the rest with it
        await expect(page.get_by_role("main")).to_contain_text(said)
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_label("Key")).to_be_visible()
    await expect(page).not_to_have_url(re.compile("mine"))
    await page.reload()
    await expect(page.get_by_label("Key")).to_be_visible()
    assert team.key not in await page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")


async def test_a_key_that_ends_while_one_looks_leads_back_to_the_door(
    page: Page, site: Site, team: Team, faults: Faults
) -> None:
    faults.provokes = ("401",)
    key = await team.key_of(KeyKind.DEVELOPER)
    await sign_in(page, key, "#/score")
    await revoke_key(site.urls, (await authenticate(site.services, key)).key_id, datetime.now(UTC))
    await page.goto("/#/sessions")  # the way by a link is gone already where something was still being read
    await expect(page.get_by_role("alert")).to_contain_text("no longer in use")
    await expect(page.get_by_label("Key")).to_be_visible()
