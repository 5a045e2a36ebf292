"""The pictures of docs/insights.md are what its examples come to for the team they are told of; `UPDATE_GOLDEN=1`
draws them anew."""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson

from domain.insights.query import read
from domain.insights.ready_made import ready_made
from domain.insights.shown import blocks
from domain.languages import Language, phrases
from domain.reports.charts import WIDE
from domain.reports.document import Chart, Flow, Shades
from domain.reports.drawings import svg
from domain.values import JsonObject
from persistence.database import Tenant
from resolvers.context import Services
from resolvers.insight_runs import compute
from tests.insight_team import NOW, team
from tests.make_context import make_context
from tests.make_insights import put_events

DOCS = Path(__file__).parents[2] / "docs"
_SHOWN = re.compile(r"^```json\n(\{.*?)^```\n+!\[[^\]]+\]\(pictures/([a-z-]+)\.svg\)", re.DOTALL | re.MULTILINE)
_STYLE = (
    "text{font-family:system-ui,sans-serif;fill:#4b5563}text.on{fill:#181b20}"
    "@media(prefers-color-scheme:dark){text{fill:#b4bbc7}text.on{fill:#e8eaee}}"
)
"""A file of its own has nobody else's letters and colours."""


def examples() -> Iterator[tuple[str, JsonObject]]:
    """What is drawn, by the name of its picture: the examples of the page, and what is ready made."""
    for document, name in _SHOWN.findall((DOCS / "insights.md").read_text()):
        yield name, orjson.loads(document)["query"]
    for one in ready_made([]):
        yield "-".join(re.findall(r"[a-z]+", one.name.lower())), one.query


async def drawn(services: Services, tenant: Tenant, query: JsonObject) -> str:
    source = read(query).source
    assert source is not None
    result = await compute(services, tenant, source, ZoneInfo("UTC"))
    [picture] = [one for one in blocks(source, result) if isinstance(one, Chart | Shades | Flow)]
    text = svg(picture, phrases(Language.EN), WIDE)
    whole = re.sub(r'viewBox="0 0 (\d+) ([\d.]+)" width="\1" height="\2"', _with_margins, text, count=1)
    return whole.replace("><title>", f"><style>{_STYLE}</style><title>", 1) + "\n"


def _with_margins(size: re.Match[str]) -> str:
    """Letters may be a little wider than they were taken for, and a file of its own is cut at its edge."""
    width, height = float(size[1]) + 16, float(size[2]) + 8
    return f'viewBox="-4 -4 {width:g} {height:g}" width="{width:g}" height="{height:g}"'


async def test_the_pictures_show_what_the_examples_come_to(services: Services) -> None:
    ctx = await make_context(replace(services, now=lambda: NOW))
    tenant = Tenant(ctx.caller.org_id)
    async with services.database.write(tenant) as db:
        await put_events(db, tenant.org_id, team())
    pictures = {f"{name}.svg": await drawn(ctx.services, tenant, query) for name, query in examples()}
    folder = DOCS / "pictures"
    if os.environ.get("UPDATE_GOLDEN"):
        folder.mkdir(exist_ok=True)
        for name, picture in pictures.items():
            (folder / name).write_text(picture)
    assert {file.name: file.read_text() for file in folder.glob("*.svg")} == pictures
