"""Reports by links that need no key: made for whoever may see the report, opened by whoever has the link."""

from typing import NamedTuple

import persistence.artifacts
import persistence.link_secrets
import persistence.reports
from domain.errors import NotFound
from domain.reports.document import Document
from domain.reports.links import Links, Token, expiry, read, sign
from domain.reports.links import links as links_below
from domain.reports.records import Report, ReportStatus
from persistence.database import Reading, Tenant, Urls, owner_scope
from persistence.pdf import edition
from resolvers.access import orgs_named
from resolvers.context import Context, Services


class Opened(NamedTuple):
    report: Report
    document: Document


async def links(services: Services, report: Report, base_url: str) -> Links:
    """Links to a report that the caller was allowed to see, below the address that the server is set to be reached at,
    or else below `base_url`, that of the request. They are good for a week at least."""
    tenant = Tenant(report.org_id)
    [secret] = await persistence.link_secrets.secrets_of(services.database, tenant, [report.org_id])
    return _links(services, report, secret, base_url)


async def links_of(ctx: Context, report: Report) -> Links | None:
    """As `links`, for one of many; paths of this server where it is not set how it is reached. None until there is
    something to open."""
    if report.status is not ReportStatus.COMPLETED:
        return None
    return _links(ctx.services, report, await ctx.loaders.link_secret.load(report.org_id), "")


def _links(services: Services, report: Report, secret: bytes, base_url: str) -> Links:
    token = sign(report.org_id, report.id, expiry(services.now()), secret)
    return links_below(services.public_url or base_url, token)


async def revoke_links(urls: Urls, slug: str) -> None:
    """Makes all links to reports of an organisation bad; for whoever operates the server. Raises NotFound."""
    async with owner_scope(urls) as db:
        [org] = await orgs_named(db, slug)
        await db.bind(Tenant(org.id))
        await persistence.link_secrets.replace(db, org.id)


async def open_link(services: Services, token: str) -> Opened:
    """What a link opens. Raises NotFound, without a word why: it expired, was forged or revoked, the report is gone."""
    said = read(token)
    if said is None:
        raise nothing()
    async with services.database.read(Tenant(said.org_id)) as db:
        return await _opened(db, services, said)


async def _opened(db: Reading, services: Services, said: Token) -> Opened:
    """Of an organisation that never made a link nothing is read."""
    secret = await persistence.link_secrets.find(db, said.org_id)
    if secret is None or not said.is_good(secret, services.now()):
        raise nothing()
    report = await persistence.reports.find(db, said.org_id, said.report_id)
    written = await persistence.reports.body(db, said.org_id, said.report_id)
    if report is None or written is None:
        raise nothing()
    return Opened(report, written.document)


async def open_pdf(services: Services, token: str) -> bytes:
    """As `open_link`, the report as PDF. Raises FontMissing and Unavailable as well."""
    opened = await open_link(services, token)
    return await pdf_of(services, opened.report, opened.document)


async def pdf_of(services: Services, report: Report, document: Document) -> bytes:
    """The PDF that was kept, or a new one, which is kept. Raises FontMissing and Unavailable."""
    tenant, made_of = Tenant(report.org_id), edition(document)
    async with services.database.read(tenant) as db:
        kept = await persistence.artifacts.find(db, report.org_id, report, made_of)
    if kept is not None:
        return kept
    pdf = await services.press.pdf(document)
    async with services.database.write(tenant) as db:
        await persistence.artifacts.save(db, report.org_id, report, made_of, pdf)
    return pdf


def nothing() -> NotFound:
    """The same words for every link that opens nothing."""
    return NotFound("this link opens nothing: it has expired, was withdrawn, or never was one")
