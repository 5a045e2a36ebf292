"""Reports and insights by link: a page for whoever has the address, and nothing else of this server."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

import resolvers.report_links
from domain.errors import DomainError, NotFound, Unavailable
from domain.reports.page import POLICY, page
from domain.reports.typeset import FontMissing
from resolvers.context import Services
from server.insight_links import insight_page, is_insight

_HEADERS = {
    "cache-control": "private, no-store",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow",
}
_STATUS: dict[type[DomainError], int] = {NotFound: 404, FontMissing: 503, Unavailable: 503}


async def shared_page(request: Request) -> Response:
    services: Services = request.state.services
    token = request.path_params["token"]
    try:
        if is_insight(token):
            return await insight_page(request, _HEADERS)
        if request.method == "POST":  # only insights have passwords
            return Response(status_code=405, headers={**_HEADERS, "allow": "GET, HEAD"})
        opened = await resolvers.report_links.open_link(services, token)
    except DomainError as error:
        return _refusal(error)
    text = page(opened.document, pdf_url=f"{token}.pdf")
    return HTMLResponse(text, headers={**_HEADERS, "content-security-policy": POLICY})


async def shared_pdf(request: Request) -> Response:
    """A viewer built into a browser may be a page of its own: only framing is forbidden."""
    services: Services = request.state.services
    try:
        pdf = await resolvers.report_links.open_pdf(services, request.path_params["token"])
    except DomainError as error:
        return _refusal(error)
    told = {"content-disposition": 'inline; filename="report.pdf"', "content-security-policy": "frame-ancestors 'none'"}
    return Response(pdf, media_type="application/pdf", headers={**_HEADERS, **told})


def _refusal(error: DomainError) -> Response:
    status = _STATUS.get(type(error), 404)
    again = {"retry-after": "10"} if isinstance(error, Unavailable) else {}
    return PlainTextResponse(f"{error}\n", status, headers={**_HEADERS, **again})


ROUTES = [Route("/shared/{token}.pdf", shared_pdf), Route("/shared/{token}", shared_page, methods=["GET", "POST"])]
