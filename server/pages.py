"""The page at `/`: where to find what."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

# ruff: noqa: E501
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Goalarc</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif; }
  main { max-width: 40rem; margin: 12vh auto; padding: 0 1.5rem; }
  h1 { font-size: 1.6rem; margin-bottom: 0; }
  dt { font-weight: 600; margin-top: 1rem; }
  dd { margin: 0; }
</style>
<main>
<h1>Goalarc</h1>
<p>Did the coding session reach its goal?</p>
<dl>
<dt><a href="/docs">REST</a></dt><dd>Routes, bodies and errors; the document is at <a href="/openapi.json">/openapi.json</a>.</dd>
<dt>GraphQL</dt><dd>POST queries to <code>/graphql</code>; subscriptions over WebSocket at the same address.</dd>
<dt><a href="/readyz">Health</a></dt><dd><a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>, <a href="/metrics">/metrics</a></dd>
</dl>
</main>
"""
_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
}


async def front(request: Request) -> Response:
    return HTMLResponse(_PAGE, headers=_HEADERS)


PAGES = [Route("/", front)]
