"""The score in a browser: live, explained, with the arcs behind each number, in both versions."""

import re

from playwright.async_api import Page, expect

from domain.access import KeyKind
from tests.web.conftest import Shoot, check_accessible, sign_in
from tests.web.site import Site, Team
from tests.web.work import Work

FIX = "Fix the child fare in fares.py: it is charged in full before the birthday. Run pytest tests/test_fares.py"
REFACTOR = "Refactor fares.py: move the rules into a table, keep the behaviour. First plan it. Run pytest tests/"


async def test_a_day_without_work_has_no_score_and_the_first_arcs_appear_in_it(
    page: Page, site: Site, shoot: Shoot
) -> None:
    team = await site.team(sample=False, zone="Pacific/Kiritimati")
    await sign_in(page, team.key, "#/score?window=DAILY")
    await expect(page.get_by_role("heading", name="No work that began today has ended")).to_be_visible()
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    await page.get_by_label("Times in").select_option("UTC")
    before = page.get_by_text("Pacific/Kiritimati · changes compare with")
    await expect(before).to_contain_text(re.compile(", 00:00 to .*, 00:00"))  # days of the key, wherever one reads
    await check_accessible(page)
    await shoot("score-empty")
    await Work(team).crushes(FIX)
    await expect(page.get_by_role("link", name="Score: 100")).to_be_visible()
    await expect(page.get_by_text("Too few to tell: 1 arc today")).to_be_visible()
    await expect(page.get_by_text("Either time has no crushed arc.")).to_be_visible()  # null, and why
    greeting = Work(team)
    await greeting.asks("hi")
    await greeting.ends()
    await expect(page.get_by_role("link", name="Left out: 1", exact=True)).to_be_visible()
    await shoot("score-few")


async def test_each_number_says_what_it_is_and_opens_the_arcs_behind_it(page: Page, site: Site, shoot: Shoot) -> None:
    team = await site.team(sample=False)
    for text in (FIX, REFACTOR):
        await Work(team).crushes(text)
    await sign_in(page, team.key, "#/score?window=DAILY")
    crushed = page.get_by_role("link", name="Crushed: 2")
    await expect(crushed).to_be_visible()
    await crushed.focus()
    tip = page.get_by_role("tooltip").filter(visible=True)
    await expect(tip).to_contain_text("no later arc undid within 14 days")
    await page.keyboard.press("Escape")
    await expect(tip).to_have_count(0)
    await page.get_by_role("link", name="Score: 100").hover()
    await expect(tip).to_contain_text("100 × 2 / 2")
    unexplained = await page.locator('main a[href*="show="]:not(td a)').evaluate_all(
        "all => all.filter((a) => !document.getElementById(a.getAttribute('aria-describedby'))?.textContent)"
        ".map((a) => a.textContent)"
    )
    assert unexplained == []

    await crushed.focus()
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Crushed arcs")
    await expect(dialog.get_by_role("row")).to_have_count(3)
    await expect(page).to_have_url(re.compile("show=CRUSHED"))
    await check_accessible(page)
    await shoot("score-behind")
    await page.reload()
    await expect(dialog.get_by_role("row")).to_have_count(3)
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(page).not_to_have_url(re.compile("show="))

    await page.get_by_role("link", name="Plan first: the arcs behind it").click()
    dialog = page.get_by_role("dialog", name="Graded arcs · Plan first: asked for it")
    await expect(dialog.get_by_role("link", name="Refactor fares.py")).to_be_visible()
    await dialog.get_by_role("button", name="Close").click()
    await expect(page.get_by_role("link", name="Plan first: the arcs behind it")).to_be_focused()

    await page.get_by_text("As a table").click()
    await page.get_by_role("row").nth(1).get_by_role("link", name="2 of 2").click()
    dialog = page.get_by_role("dialog", name="Qualifying arcs")
    await expect(dialog.get_by_role("row")).to_have_count(3)
    await page.keyboard.press("Escape")


async def test_the_sample_over_windows_and_both_versions(page: Page, team: Team, shoot: Shoot) -> None:
    await sign_in(page, team.key, "#/score")
    await page.get_by_text("This month").click()
    await expect(page.get_by_role("radio", name="This month")).to_be_checked()
    await expect(page.get_by_role("heading", name="Last 12 months")).to_be_visible()
    await page.get_by_text("Compare with last month up to this point only").click()
    await expect(page).to_have_url(re.compile("window=MONTHLY&aligned=true"))
    await page.locator(".score-chart").scroll_into_view_if_needed()  # it is drawn once one comes near
    await expect(page.locator(".score-chart canvas")).to_be_visible()
    await check_accessible(page)
    await page.evaluate("scrollTo(0, 0)")
    await shoot("score")

    await page.get_by_label("Version").select_option("V2")
    await expect(page.get_by_role("heading", name="What Skill is made of")).to_be_visible()
    await page.locator(".score-chart").scroll_into_view_if_needed()  # it is drawn once one comes near
    await expect(page.locator(".score-chart canvas")).to_be_visible()
    await check_accessible(page)
    await page.evaluate("scrollTo(0, 0)")
    await shoot("score-working")
    await page.get_by_role("button", name="Show this one first").click()
    await expect(page.get_by_text("is shown first from now on")).to_be_visible()
    await page.get_by_role("link", name="Now", exact=True).click()
    await page.get_by_role("link", name="Score", exact=True).click()
    await expect(page.get_by_label("Version")).to_have_value("V2")


async def test_who_sees_everybody_chooses_whose_score_and_who_may_see_little_sees_that(page: Page, site: Site) -> None:
    team = await site.team(sample=False)
    colleague = await team.key_of(KeyKind.DEVELOPER, email="mara@example.org")
    await Work(team, colleague).crushes(FIX)
    await sign_in(page, await team.key_of(KeyKind.REVIEWER, email="boss@example.org"), "#/score?window=DAILY")
    await expect(page.get_by_role("heading", name="No work that began today has ended")).to_be_visible()
    await page.get_by_label("Developer").select_option("mara@example.org")
    await expect(page.get_by_role("link", name="Score: 100")).to_be_visible()
    await page.get_by_role("button", name="Sign out").click()
    few = await team.key_of(KeyKind.PERSONAL, "scores:read", email="mara@example.org")
    await sign_in(page, few, "#/score?window=DAILY&show=CRUSHED")
    await expect(page.get_by_role("dialog").get_by_role("row")).to_have_count(2)
    await expect(page.get_by_role("alert")).to_have_count(0)
