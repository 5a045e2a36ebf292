"""What the README and docs show: made from the sample, here, and looked at. `UPDATE_PICTURES=1` keeps them in docs."""

import os
import shutil
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.web.conftest import PICTURES, Shoot, sign_in
from tests.web.site import Site

KEPT = Path(__file__).parents[2] / "docs" / "pictures"
PAGES = {
    "dashboard-score": ("#/score", "Score"),
    "dashboard-arcs": ("#/arcs", "Arcs"),
    "dashboard-sessions": ("#/sessions", "Sessions"),
    "dashboard-insights": ("#/insights", "Insights"),
}


async def test_the_pages_of_the_sample_are_drawn(page: Page, site: Site, shoot: Shoot) -> None:
    team = await site.team()
    await team.take_ready_made()
    await sign_in(page, team.key)
    for name, (place, title) in PAGES.items():
        await page.evaluate("place => { location.hash = place }", place)
        await expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
        await expect(page.locator(".waiting")).to_have_count(0)
        await shoot(name)
        if os.environ.get("UPDATE_PICTURES"):
            shutil.copy(PICTURES / f"{name}.png", KEPT / f"{name}.png")


@pytest.mark.parametrize("page_of_docs", ["README.md", "docs/dashboard.md"])
def test_every_picture_that_is_shown_is_there(page_of_docs: str) -> None:
    house = Path(__file__).parents[2]
    text = (house / page_of_docs).read_text(encoding="utf-8")
    shown = [part.split(")")[0] for part in text.split("](") if part.split(")")[0].endswith((".png", ".svg"))]
    assert shown
    missing = [name for name in shown if not ((house / page_of_docs).parent / name).is_file()]
    assert not missing
