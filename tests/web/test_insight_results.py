"""Results of insights: each kind drawn, read with mouse and keys, set as a table, and the arcs behind its numbers."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.web.conftest import Shoot, check_accessible, sign_in
from tests.web.site import Site, Team

_WORK = 'trends: {series: [{event: "prompt", name: "asked"}, {event: "commit"}], range: {dateFrom: "-27d"}'
_MADE = {
    "lines": f"{_WORK}, compared: true}}",
    "stacks": f"{_WORK}, display: STACKED_BAR}}",
    "numbers": f"{_WORK}, display: NUMBER, compared: true}}",
    "shares": 'trends: {series: [{event: "prompt"}], range: {dateFrom: "-27d"}, display: VALUE_BAR,'
    ' breakdown: {properties: [{key: "project"}], valueCount: 1}}',
    "times": 'funnel: {steps: [{event: "prompt"}, {event: "edit"}], subject: ARC, range: {dateFrom: "-27d"},'
    " view: TIME_TO_CONVERT}",
    "over-time": 'funnel: {steps: [{event: "prompt"}, {event: "edit"}], subject: ARC, range: {dateFrom: "-27d"},'
    " view: OVER_TIME, interval: WEEK}",
    "habit": 'stickiness: {series: [{event: "prompt"}], range: {dateFrom: "-27d"}}',
    "rows": 'sql: {statement: "select project, count() as n, avg(output_tokens) as mean from arcs group by project"}',
}
"""What is asked beside the ready-made ones, by the name of its picture."""


@pytest.fixture(scope="module")
async def team(site: Site) -> Team:
    team = await site.team()
    await team.take_ready_made()
    for name, query in _MADE.items():
        made = (
            "mutation($name: String!) { createInsight(input: {name: $name, query: {%s}}) { userErrors { message } } }"
        )
        assert await team.graph(made % query, name=name) == {"createInsight": {"userErrors": []}}
    return team


async def _open(page: Page, team: Team, name: str) -> Locator:
    """The result of the insight of that name."""
    await _go(page, team, name)
    result = page.get_by_role("region", name="Result")
    await expect(result.get_by_role("button", name="Download CSV")).to_be_visible()
    return result


async def _go(page: Page, team: Team, name: str) -> None:
    found = await team.graph("{ insights(first: 50) { nodes { name shortId } } }")
    nodes = found["insights"]["nodes"]  # pyright: ignore
    [place] = [one["shortId"] for one in nodes if str(one["name"]).startswith(name)]  # pyright: ignore
    await page.evaluate("place => { location.hash = place }", f"#/insights/{place}")
    await expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


async def _behind(page: Page, number: Locator) -> int:
    """How many arcs stand behind a number, as its panel says."""
    await number.click()
    told = page.get_by_role("dialog").get_by_role("status")
    await expect(told).to_contain_text("goal arc")
    count = int((await told.inner_text()).split()[0])
    await expect(page.get_by_role("dialog").locator("tbody tr")).to_have_count(min(count, 20))
    return count


async def _count(number: Locator) -> int:
    return abs(int((await number.inner_text()).replace("−", "-")))


async def test_numbers_of_funnels_and_paths_lead_to_as_many_arcs(page: Page, team: Team, shoot: Shoot) -> None:
    await sign_in(page, team.key)
    funnel = await _open(page, team, "From prompt to lasting change")
    reached = funnel.get_by_role("button", name=re.compile("reached edit"))
    count = await _count(reached)
    assert await _behind(page, reached) == count
    await shoot("insights-behind")
    await page.reload()
    await expect(page.get_by_role("dialog", name="Reached step 2, edit")).to_be_visible()
    await expect(page.get_by_role("dialog").get_by_role("table")).to_be_visible()
    await check_accessible(page)
    await page.get_by_role("button", name="Close").click()
    dropped = funnel.get_by_role("button", name=re.compile("dropped before edit"))
    count = await _count(dropped)
    assert await _behind(page, dropped) == count
    await page.keyboard.press("Escape")
    await expect(dropped).to_be_focused()
    await check_accessible(page)
    await shoot("insights-funnel")

    paths = await _open(page, team, "What goes before a rework")
    band = paths.get_by_role("group").get_by_role("button").first
    count = int(re.findall(r": (\d+) from", await band.get_attribute("aria-label") or "")[0])
    await band.focus()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowLeft")
    await expect(band).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text(f"{count} goal arc")
    await page.keyboard.press("Escape")
    await check_accessible(page)
    await shoot("insights-paths")


async def test_lines_are_read_by_mouse_and_keys(page: Page, team: Team, shoot: Shoot) -> None:
    await sign_in(page, team.key)
    result = await _open(page, team, "lines")
    await expect(result.get_by_role("img", name=re.compile("asked .* in all"))).to_be_visible()
    await expect(result.locator("canvas")).to_be_visible()
    slider = result.get_by_role("slider")
    await slider.focus()
    await page.keyboard.press("End")
    await expect(slider).to_have_attribute("aria-valuetext", re.compile(r", so far: asked \d+; commit \d+; asked"))
    await page.keyboard.press("ArrowLeft")
    await expect(slider).to_have_attribute("aria-valuenow", "26")
    box = await slider.bounding_box()
    assert box is not None
    await slider.hover(position={"x": 0.8 * box["width"], "y": 40})
    await expect(slider).not_to_have_attribute("aria-valuenow", "26")
    await shoot("insights-lines")

    asked = result.get_by_role("button", name="asked", exact=True)
    await asked.click()
    await expect(asked).to_have_attribute("aria-pressed", "false")
    await expect(slider).not_to_have_attribute("aria-valuetext", re.compile(": asked"))
    await asked.click()

    await result.get_by_role("button", name="As a table").click()
    table = result.get_by_role("table")
    await expect(table.get_by_role("columnheader")).to_have_text(
        ["Day", "asked", "commit", "asked – the time before", "commit – the time before"]
    )
    await expect(table.get_by_role("rowheader")).to_have_count(28)
    commit = table.get_by_role("button", name=re.compile("commit, ")).first
    assert await _behind(page, commit) >= 1
    await page.keyboard.press("Escape")
    await expect(commit).to_be_focused()
    async with page.expect_download() as saving:
        await result.get_by_role("button", name="Download CSV").click()
    text = (await (await saving.value).path()).read_text(encoding="utf-8-sig")
    assert text.startswith("Day,asked,commit,asked – the time before,commit – the time before\n")
    assert len(text.splitlines()) == 29
    await check_accessible(page)


_DRAWN = [
    "Share of goals that were crushed",
    "Developers who come back",
    "Developers who begin, stay and leave",
    *(name for name in _MADE if name != "lines"),
]
_WHOLLY = {"Share of goals that were crushed", "Developers who come back", "stacks", "shares", "rows"}
"""What is looked at in both schemes: one of each way to draw."""


async def test_every_kind_is_drawn_and_has_a_table_and_what_never_happened_says_so(
    page: Page, team: Team, shoot: Shoot
) -> None:
    await sign_in(page, team.key)
    for name in _DRAWN:
        result = await _open(page, team, name)
        picture = re.sub(r"[^a-z]+", "-", name.lower())
        await shoot(f"insights-{picture}")
        if name in _WHOLLY:
            await page.emulate_media(color_scheme="dark")
            await shoot(f"insights-{picture}-dark")
            await check_accessible(page)
        if name != "rows":
            await result.get_by_role("button", name="As a table").click()
        await expect(result.get_by_role("table").get_by_role("columnheader").first).to_be_visible()

    rows = page.get_by_role("table")
    header = rows.get_by_role("columnheader").nth(1)
    await header.get_by_role("button").click()
    await expect(header).to_have_attribute("aria-sort", "ascending")
    await expect(header).to_contain_text("integer")

    await _go(page, team, "How regularly plan mode is used")
    await expect(page.get_by_role("heading", name="Nothing to show")).to_be_visible()
