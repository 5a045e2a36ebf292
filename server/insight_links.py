"""Insights by link: a page for whoever has the address, and the form that asks for its password."""

import base64
import hashlib
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

import resolvers.insight_links
from domain.errors import TooMany
from domain.insights.sharing import PasswordNeeded, read
from domain.reports.markup import escaped
from domain.reports.page import POLICY, page
from resolvers.context import Services

_MOST_FORM_BYTES = 4_096
_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:22rem;margin:18vh auto 0;padding:0 1rem;color-scheme:light dark}"
    "label,input,button{display:block;width:100%;box-sizing:border-box;font:inherit}"
    "input,button{padding:.5rem .75rem;margin-top:.5rem}"
)
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
FORM_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Under which the form is shown: it may send itself back to where it came from."""


def is_insight(token: str) -> bool:
    """Whether it is written as links to insights are; those to reports are longer."""
    return read(token) is not None


async def insight_page(request: Request, headers: dict[str, str]) -> Response:
    """The insight, or the form. Raises NotFound, Unavailable."""
    services: Services = request.state.services
    address = request.client.host if request.client else ""
    password = await _password(request) if request.method == "POST" else None
    try:
        found = await resolvers.insight_links.open_insight(services, request.path_params["token"], address, password)
    except PasswordNeeded as needed:
        return _form(
            "This password does not open it." if needed.refused else "", 403 if needed.refused else 200, headers
        )
    except TooMany as error:
        later = {**headers, "retry-after": str(error.retry_after_s)}
        return _form("That was too often. Try again in a minute.", 429, later)
    return HTMLResponse(page(found), headers={**headers, "content-security-policy": POLICY})


async def _password(request: Request) -> str:
    """What the form holds; "" for whatever is no form."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_FORM_BYTES:
            return ""
    try:
        return parse_qs(body.decode(), max_num_fields=10).get("password", [""])[0]
    except ValueError:
        return ""


def _form(remark: str, status: int, headers: dict[str, str]) -> HTMLResponse:
    """It says nothing of what it hides."""
    told = f'<p role="alert">{escaped(remark)}</p>\n' if remark else ""
    text = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="robots" content="noindex">\n<title>Shared insight</title>\n<style>{_STYLE}</style>\n</head>\n'
        f'<body>\n<main>\n<h1>Shared insight</h1>\n{told}<form method="post">\n'
        '<label for="password">Password</label>\n'
        '<input id="password" name="password" type="password" autocomplete="current-password" required autofocus>\n'
        "<button>Show it</button>\n</form>\n</main>\n</body>\n</html>\n"
    )
    return HTMLResponse(text, status, headers={**headers, "content-security-policy": FORM_POLICY})
