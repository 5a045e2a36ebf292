"""What a report says, part by part, for who shows it in a way of their own."""

from datetime import datetime
from typing import Annotated

import strawberry

import domain.reports.document as document
from domain.languages import Language
from domain.reports.document import ChartKind, Tone
from schema.values import Info, describe

describe(
    Language,
    "A language that reports are written in.",
    {
        "en": "It is English.",
        "de": "It is German.",
        "fr": "It is French.",
        "es": "It is Spanish.",
        "pt": "It is Portuguese.",
        "ru": "It is Russian.",
        "ja": "It is Japanese.",
        "ko": "It is Korean.",
        "zh-Hans": "It is Chinese in simplified characters.",
        "zh-Hant": "It is Chinese in traditional characters.",
    },
)
describe(
    Tone,
    "What a figure says of the work.",
    {"good": "It speaks for it.", "neutral": "It says neither.", "bad": "It speaks against it."},
    name="ReportTone",
)
describe(
    ChartKind,
    "How figures are drawn.",
    {
        "line": "A line for each series.",
        "bars": "Bars beside each other.",
        "stack": "Bars upon each other.",
        "shares": "Bars from the left, of shares between 0 and 1.",
    },
    name="ReportChartKind",
)


@strawberry.type(description="Paragraphs, separated by empty lines.")
class ReportText:
    title: str | None = strawberry.field(name="heading", description="What stands above them; null: nothing.")
    content: str = strawberry.field(description="The text, without markup.")

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, document.Text)


@strawberry.type(description="A short remark or a figure.")
class ReportCard:
    icon: str = strawberry.field(description="The name of a picture, such as `target`.")
    title: str = strawberry.field(description="What it is about.")
    content: str = strawberry.field(description="The remark or the figure.")
    note: str | None = strawberry.field(description="A comparison, or how sure it is; null without one.")
    tone: Tone = strawberry.field(description="What it says of the work.")

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, document.Card)


@strawberry.type(description="Cards beside each other.")
class ReportGrid:
    columns: int = strawberry.field(
        name="columnCount", description="How many beside each other where there is room: 2, 3 or 4."
    )
    items: list[ReportCard] = strawberry.field(name="cards", description="The cards, in order.")

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, document.Grid)


@strawberry.type(description="A picture that says nothing of its own.")
class ReportIllustration:
    variant: str = strawberry.field(description="`conversation`, `growth`, `connection` or `analysis`.")

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, document.Illustration)


@strawberry.type(description="Something that was said or done, quoted.")
class ReportEvidence:
    quote: str = strawberry.field(description="What was said or done.")
    source: str = strawberry.field(description="Where it stands.")
    remark: str | None = strawberry.field(description="What it shows; null without a word on that.")

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, document.Evidence)


@strawberry.type(description="A list of short texts.")
class ReportItems:
    title: str | None = strawberry.field(name="heading", description="What stands above it; null: nothing.")
    items: list[str] = strawberry.field(name="texts", description="The texts, in order.")

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, document.Items)


@strawberry.type(description="A table of texts.")
class ReportTable:
    title: str | None = strawberry.field(name="heading", description="What stands above it; null: nothing.")
    columns: list[str] = strawberry.field(description="The heading of each column.")
    rows: list[list[str]] = strawberry.field(description="The cells of each row, one for each column.")
    numeric: list[bool] = strawberry.field(description="Which columns hold figures; empty: none.")

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, document.Table)


@strawberry.type(description="One row of figures of a chart.")
class ReportSeries:
    name: str = strawberry.field(description="What they are of.")
    values: list[float | None] = strawberry.field(description="One for each label; null where there is none.")
    tone: Tone = strawberry.field(description="What they say of the work.")


@strawberry.type(description="Figures to be drawn.")
class ReportChart:
    kind: ChartKind = strawberry.field(description="How they are drawn.")
    title: str = strawberry.field(description="What they are of.")
    summary: str = strawberry.field(description="What the picture shows, for who does not see it.")
    labels: list[str] = strawberry.field(description="Along the axis, in order.")
    series: list[ReportSeries] = strawberry.field(description="The rows of figures.")
    unit: str = strawberry.field(description="What they are counted in; empty for plain numbers.")
    maximum: float | None = strawberry.field(description="The top of the scale; null where it is open.")

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, document.Chart)


Block = Annotated[
    ReportText
    | ReportCard
    | ReportGrid
    | ReportIllustration
    | ReportEvidence
    | ReportItems
    | ReportTable
    | ReportChart,
    strawberry.union("ReportBlock", description="A part of a section."),
]


@strawberry.type(description="A section of a report.")
class ReportSection:
    title: str = strawberry.field(description="Its heading.")
    blocks: list[Block] = strawberry.field(description="Its parts, in order.")


@strawberry.type(description="What a report says.")
class ReportDocument:
    language: Language = strawberry.field(description="The language it is written in.")
    title: str = strawberry.field(description="Its heading.")
    subtitle: str = strawberry.field(description="Of whom and when it is.")
    summary: str = strawberry.field(description="The whole of it in a sentence or two.")
    sections: list[ReportSection] = strawberry.field(description="Its sections, in order.")
    footnote: str | None = strawberry.field(description="How sure it is; null where nothing is to be said of that.")
    generated_at: datetime = strawberry.field(description="When it was written.")
