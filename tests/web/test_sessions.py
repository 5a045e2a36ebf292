"""Sessions in a browser: the list, and one session from afar and event by event, long ones and running ones."""

from dataclasses import replace
from uuid import uuid4

import pytest
from playwright.async_api import Locator, Page, expect

from domain.access import KeyKind
from domain.timeline import Event, Kind
from domain.values import SessionId
from persistence.database import Tenant
from resolvers.context import Context
from resolvers.derivation import derive_now
from resolvers.loaders import Loaders
from schema import nodes
from tests.history import Recorded, bug_fix, ended, judging, recorded, store
from tests.make import command, event, file_diff, prompt, response
from tests.web.conftest import Shoot, check_accessible, sign_in
from tests.web.site import Site, Team

MANY = 2_000
MOST_ROWS = 120
"""However long a session is, so many of its events stand in the page at most."""
FAILED_AT = 1_234


def work(number: int) -> Event:
    """The event at that place of a long session: a minute holds ten, and an hour passes in the middle."""
    at = number / 10 + (60 if number >= MANY / 2 else 0)
    agent = f"helper-{number // 500}" if 100 <= number % 500 < 140 else None
    if number == FAILED_AT:
        return command("pytest -q tests/test_totals.py", at, exit_code=1, succeeded=False)
    if number % 500 == 499:
        return event(Kind.GIT_ACTION, at, data={"action": "commit", "commit": f"c{number}", "message": "Round half up"})
    if number % 250 == 0:
        return prompt(f"Prompt {number}: round the totals half up. اجعل المجموع صحيحا 合計を丸める", at)
    if number % 7 == 1:
        return file_diff("shop/totals.py", at, diff="@@ -1 +1 @@\n-old\n+new", agent_id=agent)
    return response(
        f"Answer {number}. " + "It is a Decimal now.\n" * (30 if number % 10 == 2 else 1), at, agent_id=agent
    )


async def context(team: Team) -> Context:
    caller, services = await team.caller(), team.site.services
    return Context(services, caller, Loaders(services.database, Tenant(caller.org_id)))


async def stored(team: Team, *events: Event, id: str | None = None) -> Recorded:
    """A session that is taken in and judged."""
    told = recorded(*events, id=SessionId(id or str(uuid4())))
    ctx = await context(team)
    await store(ctx, told)
    await derive_now(judging(ctx.services), ctx.caller.org_id, told.id)
    return told


@pytest.fixture(scope="module")
async def long(team: Team) -> Recorded:
    return await stored(team, *(work(number) for number in range(MANY)))


def address(told: Recorded, **query: str) -> str:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return f"#/sessions/{told.id}" + (f"?{asked}" if asked else "")


def event_id(one: Event) -> str:
    return nodes.encode("Event", nodes.event_key(one))


def feed(page: Page) -> Locator:
    return page.get_by_role("feed")


def row(page: Page, place: int) -> Locator:
    return feed(page).locator(f'article[aria-posinset="{place}"][aria-busy="false"]')


async def test_sessions_are_found_by_words_and_facts_and_opened(page: Page, team: Team, shoot: Shoot) -> None:
    await sign_in(page, team.key, "#/sessions")
    table = page.get_by_role("table", name="Sessions")
    await expect(table.get_by_role("link", name="Fix tide times in summer time")).to_be_visible()
    await check_accessible(page)
    await shoot("sessions")
    await page.get_by_label("Search titles, arcs and prompts").fill("nightly export")
    await expect(page.get_by_text("1 session found")).to_be_visible()
    await expect(page.locator("mark").first).to_have_text("nightly", ignore_case=True)
    await shoot("sessions-found")
    await page.get_by_role("link", name="Clear filters").click()
    await page.get_by_text("More filters").click()
    await page.get_by_label("Made").select_option("A pull request")
    await expect(page.get_by_text("No session is like that")).to_be_visible()
    await page.get_by_label("Made").select_option("A commit")
    await page.get_by_label("Sorted by").select_option("Cost")
    await page.get_by_label("Order").select_option("Least first")
    await expect(page).to_have_url(f"{team.site.address}/#/sessions?has=commit&sort=COST&up=yes")
    await page.reload()  # an address can be shared
    await expect(page.get_by_text("More filters")).to_be_visible()
    await expect(page.get_by_label("Order")).to_have_value("yes")
    await page.goto(f"{team.site.address}/#/sessions")
    await table.get_by_role("link", name="Fix tide times in summer time").click()
    await expect(page.get_by_role("heading", name="Fix tide times in summer time")).to_be_visible()
    await expect(row(page, 1)).to_be_visible()
    await check_accessible(page)
    await shoot("session")
    await page.get_by_role("tab", name="Files").click()
    await expect(page.get_by_role("table", name="Files")).to_be_visible()
    await page.get_by_role("navigation", name="Goal arcs").get_by_role("link").first.click()
    await page.wait_for_url("**/#/arcs/*")


async def test_an_empty_account_is_told_the_next_step_and_a_key_that_may_not_read_that_it_may_not(
    page: Page, site: Site, shoot: Shoot
) -> None:
    other = await site.team(sample=False)
    await sign_in(page, other.key, "#/sessions")
    await expect(page.get_by_text("Now says how to let an agent tell of its work")).to_be_visible()
    await check_accessible(page)
    await shoot("sessions-empty")
    await page.get_by_role("button", name="Sign out").click()
    await sign_in(page, await other.key_of(KeyKind.DEVELOPER, "scores:read"), "#/sessions")
    await expect(page.get_by_role("alert")).to_contain_text("sessions:read")


async def test_a_long_session_is_seen_from_afar(page: Page, team: Team, long: Recorded, shoot: Shoot) -> None:
    await sign_in(page, team.key, address(long))
    picture = page.get_by_role("group", name="Picture of the session")
    bands = page.get_by_role("navigation", name="Goal arcs").get_by_role("link")
    await expect(bands.first).to_be_visible()
    await expect(page.get_by_role("button", name="Sub-agent helper-2")).to_be_visible()
    await expect(page.get_by_text("1 pause of more than 5 minutes (1 h in all) is folded.").first).to_be_visible()
    await expect(page.get_by_role("toolbar", name="Git").get_by_role("button")).to_have_count(4)
    await check_accessible(page)
    await shoot("session-long")
    await picture.focus()
    for key in ("+", "+", "ArrowRight"):
        await picture.press(key)
    await expect(page.get_by_role("button", name="Zoom out")).to_be_enabled()
    await shoot("session-zoomed")
    await picture.press("0")
    await expect(page.get_by_role("button", name="Zoom out")).to_be_disabled()
    await page.get_by_role("button", name="1 failed test run").click()
    await expect(row(page, FAILED_AT + 1)).to_be_focused()
    await expect(row(page, FAILED_AT + 1)).to_contain_text("failed with 1")
    await page.get_by_role("button", name="Sub-agent helper-3").click()
    await expect(row(page, 1_601)).to_be_focused()


SCROLL = """
async ([least, most]) => {
  const feed = document.querySelector('[role=feed]')
  const seen = new Set()
  let rows = 0
  feed.scrollTop = 0
  for (let frame = 0; seen.size < least && frame < 20 * least; frame++) {
    await new Promise(requestAnimationFrame)
    const shown = [...feed.querySelectorAll('article')]
    rows = Math.max(rows, shown.length)
    if (rows > most) break
    const read = shown.filter((row) => row.ariaBusy === 'false')
    for (const row of read) seen.add(Number(row.ariaPosInSet))
    // On once all that is in sight was read.
    if (read.length === shown.length) feed.scrollTop += feed.clientHeight
  }
  return { rows, seen: seen.size, first: Math.min(...seen), last: Math.max(...seen) }
}
"""


async def test_of_two_thousand_events_each_is_reached_while_few_are_drawn(
    page: Page, team: Team, long: Recorded
) -> None:
    await sign_in(page, team.key, address(long))
    await expect(row(page, 1)).to_have_attribute("aria-setsize", str(MANY))
    scrolled = await page.evaluate(SCROLL, [MANY, MOST_ROWS])
    assert scrolled["rows"] < MOST_ROWS
    assert (scrolled["seen"], scrolled["first"], scrolled["last"]) == (MANY, 1, MANY)


async def test_one_goes_to_an_event_and_on_by_keys_and_finds_kinds(
    page: Page, team: Team, long: Recorded, shoot: Shoot
) -> None:
    named = long.events[1_502]
    await sign_in(page, team.key, address(long, at=event_id(named)))
    await expect(row(page, 1_503)).to_be_focused()
    await expect(row(page, 1_503)).to_have_attribute("aria-current", "true")
    await page.keyboard.press("Enter")
    await expect(row(page, 1_503).get_by_role("button", name="Show less")).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await expect(row(page, 1_504)).to_be_focused()
    await page.keyboard.press("End")
    await expect(row(page, MANY)).to_be_focused()
    await page.keyboard.press("Home")
    await expect(row(page, 1)).to_be_focused()
    await page.get_by_role("combobox", name="Show").select_option("Prompts")
    await expect(page.get_by_text(f"8 events of {MANY:,}")).to_be_visible()
    await expect(row(page, 8)).to_contain_text("Prompt 1750")
    await shoot("session-prompts")


async def test_a_running_session_grows_as_events_come(page: Page, team: Team) -> None:
    told = await stored(team, *bug_fix(0))
    await sign_in(page, team.key, address(told))
    await expect(row(page, 7)).to_have_attribute("aria-setsize", "7")
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    late = [replace(response("And one more thing.", 9), session_id=told.id)]
    early = [replace(command("git status", 3), session_id=told.id)]
    await store(await context(team), Recorded(told.id, tuple(late)))
    await expect(row(page, 8)).to_contain_text("And one more thing.")
    await store(await context(team), Recorded(told.id, tuple(early)))
    await expect(row(page, 9)).to_contain_text("And one more thing.")
    await expect(row(page, 5)).to_contain_text("git status")  # where its time belongs


async def test_a_title_is_changed_and_a_session_deleted_by_who_may(page: Page, team: Team, shoot: Shoot) -> None:
    told = await stored(team, *bug_fix(0), ended(8))
    await sign_in(page, team.key, address(told))
    await page.get_by_role("button", name="Change title").click()
    await page.get_by_label("Title, or nothing").fill("Totals, rounded half up")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name="Totals, rounded half up")).to_be_visible()
    await expect(page.get_by_role("button", name="Delete")).to_have_count(0)
    await page.get_by_role("button", name="Sign out").click()
    await sign_in(page, await team.key_of(KeyKind.REVIEWER), address(told))
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("button", name="Delete for good").click()
    await expect(page.get_by_role("alert")).to_contain_text("to go on")
    await check_accessible(page)
    await page.get_by_label("to confirm").fill("delete")
    await shoot("session-delete")
    await page.get_by_role("button", name="Delete for good").click()
    await expect(page).to_have_url(f"{team.site.address}/#/sessions")
    await expect(page.get_by_role("link", name="Totals, rounded half up")).to_have_count(0)
