"""What the README and docs show: made from the sample, here, and looked at. `UPDATE_PICTURES=1` keeps them in docs."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.web.conftest import Shoot, sign_in
from tests.web.site import Site

HOUSE = Path(__file__).parents[2]
KEPT = HOUSE / "docs" / "pictures"
SHOWN = {
    "dashboard-score": ("#/score", "main h2:has-text('Speed')"),
    "dashboard-arcs": ("#/arcs", "main a[href^='#/arcs/']"),
    "dashboard-sessions": ("#/sessions", "main a[href^='#/sessions/']"),
    "dashboard-insights": ("#/insights", "main a[href^='#/insights/']"),
}
"""A place, and what stands there once it is read."""


async def test_the_pages_of_the_sample_are_drawn(page: Page, site: Site, shoot: Shoot) -> None:
    team = await site.team()
    await team.take_ready_made()
    await page.set_viewport_size({"width": 1280, "height": 860})
    await sign_in(page, team.key)
    for name, (place, there) in SHOWN.items():
        await page.evaluate("place => { location.hash = place }", place)
        await expect(page.locator(there).first).to_be_visible()
        await expect(page.locator(".waiting")).to_have_count(0)
        await expect(page.get_by_text("Computing…")).to_have_count(0)
        await shoot(name)
        if os.environ.get("UPDATE_PICTURES"):
            await page.screenshot(path=KEPT / f"{name}.png")


@pytest.mark.parametrize("text", ["README.md", "docs/dashboard.md"])
def test_every_picture_that_is_shown_is_there(text: str) -> None:
    links = [part.split(")")[0] for part in (HOUSE / text).read_text(encoding="utf-8").split("](")]
    shown = [link for link in links if link.endswith((".png", ".svg"))]
    assert shown
    assert not [link for link in shown if not ((HOUSE / text).parent / link).is_file()]
