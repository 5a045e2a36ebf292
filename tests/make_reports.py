"""Builders of reports to look at: every kind of block, in three languages, with defaults."""

from collections.abc import Sequence
from datetime import UTC, datetime

from domain.languages import Language
from domain.reports.document import (
    Block,
    Card,
    Chart,
    ChartKind,
    Document,
    Evidence,
    Grid,
    Illustration,
    Items,
    Section,
    Series,
    Table,
    Text,
    Tone,
)

MADE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

DAYS = ("23 Feb", "24 Feb", "25 Feb", "26 Feb", "27 Feb", "28 Feb", "1 Mar")


def make_chart(
    kind: ChartKind = ChartKind.LINE,
    *values: float | None,
    labels: Sequence[str] = DAYS,
    title: str = "Score by day",
    name: str = "Score",
    maximum: float | None = 100,
    unit: str = "",
    summary: str = "The score rose from 61 to 79; on Thursday there was no work.",
) -> Chart:
    """One series, by default with a gap in the middle."""
    shown = list(values or (61, 64, 58, None, 72, 75, 79))
    return Chart(
        kind=kind,
        title=title,
        summary=summary,
        labels=list(labels),
        series=[Series(name=name, values=shown)],
        maximum=maximum,
        unit=unit,
    )


def make_stack() -> Chart:
    goals: list[tuple[str, list[float | None]]] = [
        ("Reached", [3, 2, 4, None, 5, 1, 2]),
        ("Partly reached", [1, 1, 0, None, 2, 0, 1]),
        ("Given up", [0, 1, 1, None, 0, 0, 0]),
    ]
    return Chart(
        kind=ChartKind.STACK,
        title="Goals by outcome",
        summary="17 of 24 goals were reached, most of them on Friday.",
        labels=list(DAYS),
        series=[Series(name=name, values=values) for name, values in goals],
        unit="Goals",
    )


def make_document(*blocks: Block, language: Language = Language.EN, title: str = "Your week") -> Document:
    """A report of one section that holds these blocks."""
    return Document(
        language=language,
        title=title,
        subtitle="ada@example.org, Feb 23 – Mar 1, 2026",
        summary="Seventeen of twenty-four goals were reached.",
        sections=[Section(title="What happened", blocks=list(blocks))],
        generated_at=MADE,
    )


def english() -> Document:
    """A week as a reader gets it, with every kind of block."""
    cards = [
        Card(icon="target", title="Score", content="79", note="18 more than the week before", tone=Tone.GOOD),
        Card(icon="check", title="Goals reached", content="17 of 24", note="Few goals: read this with care"),
        Card(icon="coins", title="Tokens", content="1.9M", note="Nearly as many as before"),
        Card(icon="repeat", title="Work done again", content="21%", note="6 points more than before", tone=Tone.BAD),
    ]
    habits = Chart(
        kind=ChartKind.SHARES,
        title="Habits in your prompts",
        summary="You name the goal nearly always, and how to check it seldom.",
        labels=["Names the goal", "Names files", "Says what must stay", "Says how to check"],
        series=[Series(name="Share of prompts", values=[0.91, 0.64, 0.32, 0.18])],
    )
    tokens = make_chart(
        ChartKind.BARS,
        210_000,
        340_500,
        120_000,
        None,
        610_000,
        84_000,
        402_000,
        title="Tokens by day",
        maximum=None,
        summary="A third of all tokens went into Friday.",
        name="Tokens",
    )
    table = Table(
        title="Goals that took the most work",
        columns=["Goal", "Outcome", "Turns", "Cost"],
        rows=[
            ["Make the importer take files of more than 2 GB", "Reached", "31", "$4.12"],
            ["Fix the flaky test of the queue", "Partly reached", "24", "$2.80"],
            ["Rename the settings of the mailer", "Reached", "6", "$0.37"],
        ],
        numeric=[False, False, True, True],
    )
    quote = Evidence(
        quote="Make sure that the import of a file over 2 GB ends\nwithout an error; run tests/large.sh to see it.",
        source="Session “Importer”, prompt 3, Friday",
        remark="It names the goal and how to check it. The first try held.",
    )
    return Document(
        language=Language.EN,
        title="Your week with coding agents",
        subtitle="ada@example.org, Feb 23 – Mar 1, 2026",
        summary="You reached 17 of 24 goals, 4 more than the week before. The rest was mostly one test, three times.",
        sections=[
            Section(title="At a glance", blocks=[Grid(columns=4, items=cards), make_chart(), make_stack()]),
            Section(
                title="What went well",
                blocks=[
                    Text(content="On Friday you reached five goals in a row.\n\nThe prompts of that day were short."),
                    quote,
                    Illustration(variant="growth"),
                ],
            ),
            Section(title="Where the work went", blocks=[tokens, habits, table]),
            Section(
                title="One thing to try",
                blocks=[
                    Card(
                        icon="idea",
                        title="Say how to check it",
                        content="End a prompt with the command that shows whether it worked. Where you did, it held.",
                        note="Seen in 5 of 5 goals of that kind",
                    ),
                    Items(
                        title="How it can sound", items=["… and run make test.", "… so that curl /readyz answers 200."]
                    ),
                ],
            ),
        ],
        footnote="Scores rest on 24 goals. With fewer than 10 a week they say little.",
        generated_at=MADE,
    )


def german() -> Document:
    return Document(
        language=Language.DE,
        title="Ihre Woche mit Coding-Agenten",
        subtitle="ada@example.org, 23. Februar bis 1. März 2026",
        summary="Sie haben 17 von 24 Zielen erreicht, 4 mehr als in der Woche davor.",
        sections=[
            Section(
                title="Auf einen Blick",
                blocks=[
                    Grid(
                        columns=3,
                        items=[
                            Card(
                                icon="target",
                                title="Punktzahl",
                                content="79,5",
                                note="18 mehr als davor",
                                tone=Tone.GOOD,
                            ),
                            Card(icon="clock", title="Bearbeitungszeit", content="6 h 20 min"),
                            Card(icon="repeat", title="Nachbesserungen", content="21 %", tone=Tone.BAD),
                        ],
                    ),
                    make_chart(
                        ChartKind.BARS,
                        2100,
                        8405.5,
                        12000,
                        None,
                        6100,
                        840,
                        4020,
                        labels=["Mo., 23.", "Di., 24.", "Mi., 25.", "Do., 26.", "Fr., 27.", "Sa., 28.", "So., 1."],
                        title="Geschwindigkeitsbegrenzungsüberschreitungen je Tag",
                        name="Überschreitungen",
                        summary="Am Mittwoch waren es die meisten.",
                        maximum=None,
                        unit="Überschreitungen",
                    ),
                ],
            ),
            Section(
                title="Belege",
                blocks=[
                    Evidence(
                        quote="Größe, Maße & „Anführung“ – ¿Qué? Ёжик.", source="Sitzung „Übertragung“", remark="Genau."
                    ),
                    Items(
                        items=["Ein kurzer Satz.", "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen " * 3]
                    ),
                ],
            ),
        ],
        footnote="Die Zahlen beruhen auf 24 Zielen.",
        generated_at=MADE,
    )


def japanese() -> Document:
    return Document(
        language=Language.JA,
        title="コーディングエージェントとの一週間",
        subtitle="ada@example.org、2026年2月23日～3月1日",
        summary="24件の目標のうち17件を達成しました。前の週より4件多い結果です。",
        sections=[
            Section(
                title="概要",
                blocks=[
                    Grid(
                        columns=2,
                        items=[
                            Card(icon="target", title="スコア", content="79", note="前の週より18高い", tone=Tone.GOOD),
                            Card(icon="check", title="達成した目標", content="24件中17件"),
                        ],
                    ),
                    make_chart(
                        labels=["2月23日", "2月24日", "2月25日", "2月26日", "2月27日", "2月28日", "3月1日"],
                        title="日ごとのスコア",
                        name="スコア",
                        summary="スコアは61から79に上がりました。木曜日は作業がありませんでした。",
                    ),
                    Chart(
                        kind=ChartKind.SHARES,
                        title="プロンプトの習慣",
                        summary="目標はほとんどいつも書かれていますが、確認方法はまれです。",
                        labels=["目標を書く", "確認方法を書く"],
                        series=[Series(name="割合", values=[0.91, 0.18])],
                    ),
                ],
            ),
            Section(
                title="よかったこと",
                blocks=[
                    Text(content="金曜日には五つの目標を続けて達成しました。その日のプロンプトは短く、正確でした。"),
                    Evidence(
                        quote="2 GBを超えるファイルを読み込めるようにしてください。",
                        source="セッション「Importer」、3番目のプロンプト",
                    ),
                ],
            ),
        ],
        footnote="スコアは24件の目標に基づいています。",
        generated_at=MADE,
    )
