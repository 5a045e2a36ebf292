"""Any picture of a report as SVG."""

from typing import assert_never

import domain.reports.charts
import domain.reports.flows
import domain.reports.shades
from domain.languages import Phrases
from domain.reports.document import Chart, Flow, Picture, Shades


def svg(picture: Picture, phrases: Phrases, width: int) -> str:
    """An element of this width and the height it needs; the same picture gives the same text."""
    match picture:
        case Chart():
            return domain.reports.charts.svg(picture, phrases, width)
        case Shades():
            return domain.reports.shades.svg(picture, phrases, width)
        case Flow():
            return domain.reports.flows.svg(picture, phrases, width)
        case _:
            assert_never(picture)
