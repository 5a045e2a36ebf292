"""What people open in a browser: the dashboard at `/`, GraphiQL at `/graphql`, and the files of both."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from domain.documents import sha256_of
from server.assets import assets, serve

STATIC = Path(__file__).parent / "static"

_COMMON = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; connect-src 'self'"
_DASHBOARD = f"{_COMMON}; script-src 'self'; style-src 'self'; img-src 'self' data:"
_GRAPHIQL = (  # its editor writes its own styles, and checks documents beside the page
    f"{_COMMON}; script-src 'self'; worker-src 'self'; font-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:"
)
_FILE = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; script-src 'self'",  # a worker keeps to what came with its own file
}
_MISSING = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

_NOT_BUILT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Goalarc</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif; }
  main { max-width: 42rem; margin: 12vh auto; padding: 0 1.5rem; }
</style>
<main>
<h1>Goalarc</h1>
<p>The server runs, but this page was not built: that takes Node.js, and npm's registry once.
Run <code>make run</code> again where both can be reached, or <code>python web/build_page.py</code>.</p>
<p>Everything else is here: <a href="docs">REST</a>, GraphQL at <code>/graphql</code>,
<a href="readyz">health</a>, <a href="metrics">metrics</a>.</p>
</main>
"""


def pages(static: Path = STATIC) -> list[Route]:
    """The routes of the dashboard; without built files, `/` says what is missing."""
    return [
        Route("/", document(static / "index.html", _DASHBOARD)),
        Route("/assets/{name}", serve(assets(static / "assets"), _FILE)),
    ]


def graphiql(static: Path = STATIC) -> Callable[[Request], Response]:
    """GraphiQL, for who asks `/graphql` for HTML."""
    return document(static / "graphiql.html", _GRAPHIQL)


def own_documents(static: Path = STATIC) -> dict[str, str]:
    """What the built pages ask, as they send it, by SHA-256: a server that answers only trusted documents answers it.

    The build writes it, from the pages' own sources.
    """
    file = static / "documents.json"
    texts: list[str] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
    return {sha256_of(text): text for text in texts}


def document(file: Path, policy: str) -> Callable[[Request], Response]:
    """Answers with a page; browsers ask each time whether theirs is the newest, since it names the files it needs."""
    built = file.is_file()
    text = file.read_text(encoding="utf-8") if built else _NOT_BUILT
    tag = f'"{sha256(text.encode()).hexdigest()[:20]}"'
    headers = {
        "content-security-policy": policy if built else _MISSING,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cache-control": "no-cache",
        "etag": tag,
        "vary": "accept",
    }

    def page(request: Request) -> Response:
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return HTMLResponse(text, headers=headers)

    return page
