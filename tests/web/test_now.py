"""What is worked on now, in a browser: as it happens, over a restart of the server, and for whoever may see little."""

from time import perf_counter

from playwright.async_api import Locator, Page, Request, expect

from domain.access import KeyKind
from tests.web.conftest import Faults, Shoot, check_accessible, sign_in
from tests.web.site import Site, Team
from tests.web.work import Work

SOON_S = 2.0
"""How long after its events an arc may take to be shown."""
FIX = "Fix the child fare in fares.py: it is charged in full before the birthday. Run pytest tests/test_fares.py"


def rows(page: Page, card: str) -> Locator:
    return page.locator("section.card", has=page.get_by_role("heading", name=card)).get_by_role("listitem")


async def test_an_empty_account_is_told_how_to_capture_and_fills_by_itself(
    page: Page, site: Site, shoot: Shoot
) -> None:
    team = await site.team(sample=False)
    await sign_in(page, team.key, "#/now")
    await expect(page.get_by_role("heading", name="Nothing was captured yet")).to_be_visible()
    for command in (
        "goalarc hooks install",
        f"goalarc watch --url {site.address}",
        f"--org {team.slug} --user {team.email}",
    ):
        await expect(page.get_by_text(command)).to_be_visible()
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    await check_accessible(page)
    await shoot("now-empty")
    await Work(team).asks(FIX)
    await expect(page.get_by_role("heading", name="Open (1)")).to_be_visible()


async def test_work_appears_as_it_happens_and_ends_with_its_verdict(page: Page, team: Team, shoot: Shoot) -> None:
    await sign_in(page, team.key, "#/now")
    await expect(page.get_by_text("Nothing is worked on at the moment")).to_be_visible()
    await check_accessible(page)
    await shoot("now-idle")
    older, newer = Work(team), Work(team)
    took = [await _shown_after(page, older, FIX)]
    took += [await _shown_after(page, newer, "Add a filter by harbour to board.ts and a test of it in board.test.ts")]
    took += [await _shown_after(page, Work(team), "潮位表の並び順を修正して、テストも追加してください tide/list.py")]
    assert min(took) < SOON_S, took

    await older.changes("fares.py")
    opened = rows(page, "Open (3)")
    await expect(opened.last).to_contain_text("+24 −2")
    await expect(opened.last).to_contain_text("2.2K")
    await expect(opened.last).to_contain_text("Fix the child fare")  # where it was, though it was changed last
    await shoot("now-open")
    await older.ends()
    finished = rows(page, "Just finished")
    await expect(finished.first).to_contain_text("Fix the child fare")
    await expect(finished.first).to_contain_text("Crushed")
    await expect(page.get_by_role("heading", name="Open (2)")).to_be_visible()
    await expect(page.locator(".now-feed")).to_contain_text("crushed")
    await check_accessible(page)
    await shoot("now")
    await finished.first.get_by_role("link").click()
    await page.wait_for_url("**/#/arcs/*")


async def _shown_after(page: Page, work: Work, text: str) -> float:
    """How long after a prompt was taken in the open arcs show it, in seconds."""
    title = text.split(":")[0].split(";")[0][:20]
    begun = perf_counter()
    await work.asks(text)
    await expect(page.locator(".now-row").first).to_contain_text(title)
    return perf_counter() - begun


async def test_a_restart_of_the_server_loses_nothing_and_tells_nothing_twice(
    page: Page, site: Site, faults: Faults, shoot: Shoot
) -> None:
    faults.provokes = ("WebSocket", "ERR_CONNECTION_REFUSED")
    team = await site.team(sample=False)
    reads: list[str] = []

    def asked(request: Request) -> None:
        if "query NowBoard" in (request.post_data or ""):
            reads.append(request.url)

    work = Work(team)
    await work.asks(FIX)
    await sign_in(page, team.key, "#/now")
    await expect(rows(page, "Open (1)")).to_have_count(1)
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    await Work(team).asks("Before the restart: why does jobs/nightly.py fail on Sundays?")
    await expect(rows(page, "Open (2)")).to_have_count(2)
    page.on("request", asked)

    await site.stop()
    await expect(page.get_by_text("Reconnecting…")).to_be_visible()
    await shoot("now-reconnecting")
    await site.start()
    await work.changes("fares.py")
    await work.ends()
    await Work(team).asks("After the restart: add a dark mode to settings.tsx and test it")

    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    await expect(rows(page, "Just finished").first).to_contain_text("Crushed")
    await expect(rows(page, "Open (2)")).to_have_count(2)
    told = page.locator(".now-feed li")
    for text in ("Before the restart", "After the restart"):
        await expect(told.filter(has_text=text).filter(has_text="began")).to_have_count(1)
    await expect(told.filter(has_text="crushed")).to_have_count(1)
    assert not reads, "what was missed came by the subscription, not by reading anew"


async def test_who_may_see_everybody_is_told_whose_work_it_is_and_who_may_see_little_sees_that(
    page: Page, site: Site
) -> None:
    team = await site.team(sample=False)
    colleague = await team.key_of(KeyKind.DEVELOPER, email="mara@example.org")
    await Work(team, colleague).asks(FIX)
    await sign_in(page, await team.key_of(KeyKind.REVIEWER, email="boss@example.org"), "#/now")
    await expect(rows(page, "Open (1)").first).to_contain_text("mara@example.org")
    await page.get_by_role("button", name="Sign out").click()
    few = await team.key_of(KeyKind.PERSONAL, "scores:read", email="mara@example.org")
    await sign_in(page, few, "#/now")
    await expect(rows(page, "Open (1)").first).to_contain_text("Fix the child fare")
    await expect(page.get_by_role("alert")).to_have_count(0)
