"""Reports by link over HTTP: what a browser gets, and what it is told to do with it."""

from dataclasses import replace

import httpx2
import pytest

from domain.languages import Language
from domain.reports.page import POLICY
from persistence.pdf import Press
from resolvers.context import Context
from resolvers.report_links import links
from server.report_links import ROUTES
from tests.make_reports import english, make_document
from tests.resolvers.test_report_links import make_report
from tests.server.inside import client_of

KEPT_TO_ITSELF = {
    "cache-control": "private, no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow",
}


@pytest.fixture
async def path(context: Context) -> str:
    """Where a report of the context lies."""
    return (await links(context.services, await make_report(context, english()), "")).page


def is_kept_to_itself(answer: httpx2.Response) -> bool:
    return KEPT_TO_ITSELF.items() <= dict(answer.headers).items()


async def test_a_page_comes_with_its_policy(context: Context, path: str) -> None:
    async with client_of(context.services, ROUTES) as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == POLICY
    assert is_kept_to_itself(answer)
    assert f'href="{path.rpartition("/")[2]}.pdf"' in answer.text


async def test_a_pdf_is_shown_in_the_browser(context: Context, path: str) -> None:
    async with client_of(context.services, ROUTES) as client:
        answer = await client.get(f"{path}.pdf")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'inline; filename="report.pdf"'
    assert answer.content.startswith(b"%PDF")
    assert is_kept_to_itself(answer)


@pytest.mark.parametrize("ending", ["", ".pdf"])
async def test_asking_for_the_head_answers_as_asking_for_all(context: Context, path: str, ending: str) -> None:
    async with client_of(context.services, ROUTES) as client:
        head, whole = await client.head(path + ending), await client.get(path + ending)
    assert (head.status_code, dict(head.headers)) == (200, dict(whole.headers))


@pytest.mark.parametrize("ending", ["", ".pdf"])
@pytest.mark.parametrize("forged", ["x", "%00", "A" * 92, "A" * 5000, "../../etc/passwd"])
async def test_a_forged_link_opens_nothing(context: Context, forged: str, ending: str) -> None:
    async with client_of(context.services, ROUTES) as client:
        answer = await client.get(f"/shared/{forged}{ending}")
    assert answer.status_code == 404
    if not forged.startswith("."):
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert is_kept_to_itself(answer)


async def test_a_missing_font_is_told(context: Context) -> None:
    report = await make_report(context, make_document(language=Language.JA, title="一週間"))
    path = (await links(context.services, report, "")).pdf
    async with client_of(replace(context.services, press=Press(system=False)), ROUTES) as client:
        answer = await client.get(path)
    assert answer.status_code == 503
    assert "fonts-noto-cjk" in answer.text


async def test_nothing_can_be_sent_there(context: Context, path: str) -> None:
    async with client_of(context.services, ROUTES) as client:
        assert (await client.post(path)).status_code == 405
