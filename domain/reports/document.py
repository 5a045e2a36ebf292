"""A report as a person reads it, before it becomes markdown, a page, a PDF or the sections of the wire.

Texts are finished: localised, redacted, without markup. A renderer escapes them and adds nothing of its own.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.languages import Language


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(_Part):
    """Paragraphs, separated by empty lines."""

    type: Literal["text"] = "text"
    title: str | None = None
    content: str


class Tone(StrEnum):
    """What a figure says of the work; renderers show it by more than a colour."""

    GOOD = "good"
    NEUTRAL = "neutral"
    BAD = "bad"


class Card(_Part):
    """A short remark or a figure: `title` says of what, `content` what. `icon` names a picture, such as `target`."""

    type: Literal["card"] = "card"
    icon: str
    title: str
    content: str
    note: str | None = None
    """In smaller letters: a comparison, or how sure the figure is."""
    tone: Tone = Tone.NEUTRAL


class Grid(_Part):
    type: Literal["grid"] = "grid"
    columns: Literal[2, 3, 4]
    items: list[Card]


class Illustration(_Part):
    type: Literal["illustration"] = "illustration"
    variant: Literal["conversation", "growth", "connection", "analysis"]


class Evidence(_Part):
    """Something that was said or done, quoted: `source` says where it stands."""

    type: Literal["evidence"] = "evidence"
    quote: str
    source: str
    remark: str | None = None


class Items(_Part):
    """A list of short texts."""

    type: Literal["items"] = "items"
    title: str | None = None
    items: list[str]


class Table(_Part):
    """`columns` are headings; each row has as many cells. `numeric` marks columns that are aligned as figures."""

    type: Literal["table"] = "table"
    title: str | None = None
    columns: list[str]
    rows: list[list[str]]
    numeric: list[bool] = Field(default_factory=list[bool])


class ChartKind(StrEnum):
    LINE = "line"
    BARS = "bars"
    STACK = "stack"
    SHARES = "shares"
    """Horizontal bars of shares in [0, 1], one for each label."""


class Series(_Part):
    """`values` belong to the labels of the chart, one each; None where there is nothing to show."""

    name: str
    values: list[float | None]
    tone: Tone = Tone.NEUTRAL


class Chart(_Part):
    """`summary` says in a sentence what the picture shows, for who does not see it."""

    type: Literal["chart"] = "chart"
    kind: ChartKind
    title: str
    summary: str
    labels: list[str]
    series: list[Series]
    unit: str = ""
    maximum: float | None = None
    """The top of the scale where it is known, such as 100 of a score."""


class Row(_Part):
    """`values` are shares in [0, 1], one for each column; None where there is none yet."""

    name: str
    note: str = ""
    values: list[float | None]


class Shades(_Part):
    """Rows of shares, each cell as dark as its share. `note` says what the notes of the rows are."""

    type: Literal["shades"] = "shades"
    title: str
    summary: str
    note: str = ""
    columns: list[str]
    rows: list[Row]


class Way(_Part):
    """How many went from `source`, in a column counted from 1, to `target` in the next one."""

    column: int
    source: str
    target: str
    count: int
    note: str = ""


class Flow(_Part):
    """Ways from column to column, as broad as many went them. `headings` say what column, source, target, count and
    note of a way are."""

    type: Literal["flow"] = "flow"
    title: str
    summary: str
    headings: list[str] = Field(min_length=5, max_length=5)
    ways: list[Way]


Picture = Chart | Shades | Flow
"""What is drawn, and said as a table to who does not see it."""
Block = Annotated[
    Text | Card | Grid | Illustration | Evidence | Items | Table | Chart | Shades | Flow, Field(discriminator="type")
]


class Section(_Part):
    title: str
    blocks: list[Block]


class Document(_Part):
    """`subtitle` says of whom and when; `summary` the whole in a sentence or two; `footnote` how sure it is."""

    language: Language
    title: str
    subtitle: str
    summary: str
    sections: list[Section]
    footnote: str | None = None
    generated_at: datetime
