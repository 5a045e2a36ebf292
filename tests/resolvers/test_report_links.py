"""Links to reports: who has one sees one report, until it expires, is revoked, or the report goes."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

import persistence.artifacts
import persistence.link_secrets
import persistence.reports
from domain.errors import NotFound
from domain.languages import Language
from domain.reports.document import Document
from domain.reports.links import LIFE, expiry, read, sign
from domain.reports.records import Report, ReportId, ReportKind, Written, period
from domain.values import OrgId
from persistence.database import Tenant
from persistence.pdf import Press
from resolvers.context import Context, Services
from resolvers.report_links import links, open_link, open_pdf, revoke_links
from resolvers.reports import new_report
from tests.make_context import NOW, make_context
from tests.make_reports import english

SECRET, ORG, REPORT = bytes(range(32)), OrgId(uuid4()), ReportId(uuid4())


def test_a_token_says_what_it_was_made_for() -> None:
    said = read(sign(ORG, REPORT, NOW, SECRET))
    assert said is not None
    assert (said.org_id, said.report_id, said.expires_at) == (ORG, REPORT, NOW)
    assert said.is_good(SECRET, NOW - timedelta(seconds=1))
    assert not said.is_good(SECRET, NOW)
    assert not said.is_good(SECRET[::-1], NOW - timedelta(days=1))


def test_no_letter_of_a_token_can_be_another_one() -> None:
    token = sign(ORG, REPORT, NOW, SECRET)
    for place, letter in enumerate(token):
        forged = token[:place] + ("A" if letter != "A" else "B") + token[place + 1 :]
        said = read(forged)
        assert said is None or not said.is_good(SECRET, NOW - timedelta(days=1)), place


@pytest.mark.parametrize("token", ["", "x", "A" * 91, "A" * 92, "A" * 93, "A" * 91 + "=", "ä" * 92, "A" * 91 + "\n"])
def test_what_is_no_token_says_nothing(token: str) -> None:
    assert read(token) is None


def test_a_link_is_good_for_its_life_and_the_same_for_a_while() -> None:
    at = NOW.replace(minute=17, second=3)
    assert LIFE <= expiry(at) - at <= LIFE + timedelta(hours=1)
    assert expiry(at) == expiry(at + timedelta(minutes=20))


def wanted(ctx: Context) -> Report:
    """A report of the caller that is stored nowhere."""
    return new_report(
        ctx, ReportKind.V3, "personal", Language.EN, period(NOW - timedelta(days=7), NOW, ZoneInfo("UTC"))
    )


async def make_report(ctx: Context, document: Document | None) -> Report:
    """One that is stored; without a document it is not finished."""
    org, report = ctx.caller.org_id, wanted(ctx)
    async with ctx.services.database.write(Tenant(org)) as db:
        await persistence.reports.save(db, report, timedelta(minutes=5))
        if document is not None:
            await persistence.reports.complete(db, org, report.id, Written({"a": 1}, document))
    return report


async def token_of(ctx: Context, report: Report) -> str:
    return (await links(ctx.services, report, "http://test")).page.removeprefix("http://test/shared/")


async def opens_nothing(services: Services, token: str) -> bool:
    with pytest.raises(NotFound, match="opens nothing"):
        await open_link(services, token)
    with pytest.raises(NotFound, match="opens nothing"):
        await open_pdf(services, token)
    return True


async def test_a_link_opens_its_report_without_a_key(context: Context) -> None:
    report = await make_report(context, english())
    opened = await open_link(context.services, await token_of(context, report))
    assert (opened.report.id, opened.document) == (report.id, english())


async def test_links_lie_below_the_address_that_is_set(context: Context) -> None:
    report = await make_report(context, english())
    made = await links(context.services, report, "http://inside:8000/")
    assert made.page.startswith("http://inside:8000/shared/")
    assert made.pdf == made.page + ".pdf"
    outside = replace(context.services, public_url="https://goalarc.example.org/reports")
    assert (await links(outside, report, "http://inside")).page.startswith(
        "https://goalarc.example.org/reports/shared/"
    )


async def test_a_link_ends_with_its_week(context: Context) -> None:
    token = await token_of(context, await make_report(context, english()))
    last = replace(context.services, now=lambda: expiry(NOW) - timedelta(seconds=1))
    assert (await open_link(last, token)).document == english()
    assert await opens_nothing(replace(context.services, now=lambda: expiry(NOW)), token)


async def test_a_link_that_was_signed_for_another_organisation_opens_nothing(
    context: Context, services: Services
) -> None:
    other = await make_context(services)
    mine, theirs = await make_report(context, english()), await make_report(other, english())
    await token_of(context, mine)
    async with services.database.read(Tenant(context.caller.org_id)) as db:
        secret = await persistence.link_secrets.find(db, context.caller.org_id)
    assert secret is not None
    for org, report in ((context.caller.org_id, theirs), (other.caller.org_id, theirs), (other.caller.org_id, mine)):
        assert await opens_nothing(services, sign(org, report.id, expiry(NOW), secret))
    assert await opens_nothing(services, sign(OrgId(uuid4()), mine.id, expiry(NOW), secret))


async def test_what_is_not_written_or_gone_is_not_opened(context: Context) -> None:
    services, org = context.services, context.caller.org_id
    assert await opens_nothing(services, await token_of(context, await make_report(context, None)))
    report = await make_report(context, english())
    token = await token_of(context, report)
    assert (await open_pdf(services, token)).startswith(b"%PDF")
    async with services.database.write(Tenant(org)) as db:
        await persistence.reports.delete(db, org, report.id)
    assert await opens_nothing(services, token)


async def test_revoking_ends_all_links_of_the_organisation_and_no_other(context: Context, services: Services) -> None:
    other = await make_context(services)
    mine, theirs = await make_report(context, english()), await make_report(other, english())
    token, kept = await token_of(context, mine), await token_of(other, theirs)
    await revoke_links(services.database.urls, f"org-{context.caller.org_id}")
    assert await opens_nothing(services, token)
    assert (await open_link(services, kept)).report.id == theirs.id
    assert (await open_link(services, await token_of(context, mine))).report.id == mine.id
    with pytest.raises(NotFound):
        await revoke_links(services.database.urls, "nobody")


class _Counted(Press):
    def __init__(self) -> None:
        super().__init__(system=False)
        self.made = 0

    async def pdf(self, document: Document) -> bytes:
        self.made += 1
        return await super().pdf(document)


async def test_a_pdf_is_set_once_and_kept(context: Context) -> None:
    press = _Counted()
    services = replace(context.services, press=press)
    token = await token_of(context, await make_report(context, english()))
    assert await open_pdf(services, token) == await open_pdf(services, token)
    assert press.made == 1


async def test_a_kept_pdf_is_not_that_of_another_text(context: Context) -> None:
    org, report = context.caller.org_id, await make_report(context, english())
    async with context.services.database.write(Tenant(org)) as db:
        await persistence.artifacts.save(db, org, report, b"one", b"%PDF")
        assert await persistence.artifacts.find(db, org, report, b"one") == b"%PDF"
        assert await persistence.artifacts.find(db, org, report, b"two") is None


async def test_what_is_kept_is_bounded(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persistence.artifacts, "KEPT", 2)
    monkeypatch.setattr(persistence.artifacts, "MOST_BYTES", 10)
    org = context.caller.org_id
    made = [await make_report(context, english()) for _ in range(4)]
    async with context.services.database.write(Tenant(org)) as db:
        for report in made[:3]:
            await persistence.artifacts.save(db, org, report, b"e", b"%PDF")
        await persistence.artifacts.save(db, org, made[3], b"e", b"%PDF, much too large")
        found = [await persistence.artifacts.find(db, org, report, b"e") for report in made]
    assert found == [None, b"%PDF", b"%PDF", None]


async def test_nothing_is_kept_of_a_report_that_went_meanwhile(context: Context) -> None:
    org, report = context.caller.org_id, wanted(context)
    async with context.services.database.write(Tenant(org)) as db:
        await persistence.artifacts.save(db, org, report, b"e", b"%PDF")
        assert await persistence.artifacts.find(db, org, report, b"e") is None
