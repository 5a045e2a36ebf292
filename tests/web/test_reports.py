"""Reports: written with progress, read in another language, kept, sent, and made regularly."""

from playwright.async_api import Page, expect

from tests.web.conftest import Shoot, check_accessible, place, sign_in
from tests.web.site import Site, Team


async def test_a_report_is_written_read_translated_and_deleted(page: Page, team: Team, shoot: Shoot) -> None:
    await sign_in(page, team.key, "#/reports")
    await expect(page.get_by_role("heading", name="No report yet")).to_be_visible()
    await page.get_by_role("button", name="Write a report").click()
    await shoot("reports-ask")
    await page.get_by_role("button", name="Write it").click()
    await expect(page.get_by_role("heading", name="The week in review")).to_be_visible()
    await expect(page.get_by_role("img", name="Score over time")).to_be_visible()
    await check_accessible(page)
    await shoot("reports-one")

    async with page.expect_download() as saving:
        await page.get_by_role("link", name="PDF").click()
    pdf = await (await saving.value).path()
    assert pdf.read_bytes().startswith(b"%PDF-")

    await page.get_by_label("Read it in").select_option(label="Deutsch")
    await expect(page.locator("article[lang=de]")).to_be_visible()
    german = await place(page)
    await page.get_by_label("Read it in").select_option(label="English")
    await expect(page.locator("article[lang=en]")).to_be_visible()
    await page.get_by_label("Read it in").select_option(label="Deutsch")  # the one that is there, not another
    await expect(page).to_have_url(german)

    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("table", name="Reports").get_by_role("link")).to_have_count(1)
    await shoot("reports")


async def test_a_report_is_scheduled_and_stopped_and_one_of_nobody_knows_is_not_there(
    page: Page, team: Team, shoot: Shoot
) -> None:
    await sign_in(page, team.key, "#/reports?tab=schedule")
    await page.get_by_role("button", name="Schedule a report").click()
    await page.get_by_label("After each").select_option(label="Day")
    await page.get_by_label("Tell this address").fill("http://127.0.0.1:9/here")
    await page.get_by_role("dialog").get_by_role("button", name="Schedule").click()
    await expect(page.get_by_role("heading", name=f"Daily, of {team.email}")).to_be_visible()
    await check_accessible(page)
    await shoot("reports-schedule")
    await page.get_by_role("button", name="Stop").click()
    await expect(page.get_by_role("heading", name="Nothing is written regularly yet")).to_be_visible()
    await page.goto("/#/reports/UmVwb3J0OjAxYTIwNDIzLWEzNWYtN2NlNi1iNDFlLWYwYWUxMDYzYzJmYQ==")
    await expect(page.get_by_role("heading", name="There is no such report")).to_be_visible()


async def test_days_of_a_report_are_those_of_the_key_not_of_the_browser(page: Page, site: Site) -> None:
    team = await site.team(sample=False, zone="Pacific/Kiritimati")
    await sign_in(page, team.key, "#/reports")
    await page.get_by_role("button", name="Write a report").click()
    await page.get_by_label("Of a").select_option(label="Own dates")
    await page.get_by_label("First day").fill("2026-03-01")
    await page.get_by_label("Last day").fill("2026-03-02")
    await page.get_by_role("button", name="Write it").click()
    await expect(page.get_by_role("article")).to_be_visible()
    await page.get_by_role("link", name="All reports").click()
    await expect(page.get_by_role("link", name="Goal arcs, 1 Mar 2026 – 2 Mar 2026")).to_be_visible()
