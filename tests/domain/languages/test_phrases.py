"""Figures and times as readers of each language write them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from domain.languages import Language, Phrases, msgid, phrases

AT = datetime(2026, 11, 2, 15, 4, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
NBSP, NARROW, THIN = "\u00a0", "\u202f", "\u2009"

Said = Callable[[Phrases], str]

FORMATS: list[tuple[str, Said, list[str]]] = [
    (
        "numbers",
        lambda words: words.number(1_234_567.891, 2),
        [
            "1,234,567.89",
            "1.234.567,89",
            f"1{NARROW}234{NARROW}567,89",
            "1.234.567,89",
            "1.234.567,89",
            f"1{NBSP}234{NBSP}567,89",
            *["1,234,567.89"] * 4,
        ],
    ),
    (
        "four digits",
        lambda words: words.number(-1_234),
        ["-1,234", "-1.234", f"-1{NARROW}234", "-1234", "-1.234", f"-1{NBSP}234", *["-1,234"] * 4],
    ),
    (
        "changes",
        lambda words: words.signed(3, 1),
        ["+3.0", *["+3,0"] * 5, *["+3.0"] * 4],
    ),
    (
        "percent",
        lambda words: words.percent(0.1234, 1),
        ["12.3%", *[f"12,3{NBSP}%"] * 3, "12,3%", f"12,3{NBSP}%", *["12.3%"] * 4],
    ),
    (
        "money",
        lambda words: words.money(Decimal("1234.5")),
        [
            "$1,234.50",
            f"1.234,50{NBSP}$",
            f"1{NARROW}234,50{NBSP}$US",
            f"1.234,50{NBSP}US$",
            f"US${NBSP}1.234,50",
            f"1{NBSP}234,50{NBSP}$",
            "$1,234.50",
            *["US$1,234.50"] * 3,
        ],
    ),
    (
        "less than a cent",
        lambda words: words.money(0.001),
        [
            "<$0.01",
            f"<0,01{NBSP}$",
            f"<0,01{NBSP}$US",
            f"<0,01{NBSP}US$",
            f"<US${NBSP}0,01",
            f"<0,01{NBSP}$",
            "<$0.01",
            *["<US$0.01"] * 3,
        ],
    ),
    (
        "tokens",
        lambda words: words.tokens(12_345),
        [
            "12.3K",
            "12.345",
            f"12,3{NBSP}k",
            f"12,3{NBSP}mil",
            f"12,3{NBSP}mil",
            f"12,3{NBSP}тыс.",
            "1.2万",
            "1.2만",
            "1.2万",
            "1.2萬",
        ],
    ),
    (
        "many tokens",
        lambda words: words.tokens(123_456_789),
        [
            "123M",
            f"123{NBSP}Mio.",
            f"123{NBSP}M",
            f"123{NBSP}M",
            f"123{NBSP}mi",
            f"123{NBSP}млн",
            "1.2億",
            "1.2억",
            "1.2亿",
            "1.2億",
        ],
    ),
    (
        "dates",
        lambda words: words.date(AT),
        [
            "Nov 2, 2026",
            "2. Nov. 2026",
            "2 nov. 2026",
            "2 nov 2026",
            "2 de nov. de 2026",
            f"2 нояб. 2026{NARROW}г.",
            "2026年11月2日",
            "2026년 11월 2일",
            "2026年11月2日",
            "2026年11月2日",
        ],
    ),
    (
        "days",
        lambda words: words.day(AT),
        [
            "Monday, November 2, 2026",
            "Montag, 2. November 2026",
            "lundi 2 novembre 2026",
            "lunes, 2 de noviembre de 2026",
            "segunda-feira, 2 de novembro de 2026",
            f"понедельник, 2 ноября 2026{NARROW}г.",
            "2026年11月2日月曜日",
            "2026년 11월 2일 월요일",
            "2026年11月2日星期一",
            "2026年11月2日 星期一",
        ],
    ),
    (
        "days of a year",
        lambda words: words.month_day(AT),
        ["Nov 2", "2. Nov.", "2 nov.", "2 nov", "2 de nov.", "2 нояб.", "11月2日", "11월 2일", "11月2日", "11月2日"],
    ),
    (
        "weekdays",
        lambda words: words.weekday(AT),
        ["Monday", "Montag", "lundi", "lunes", "segunda-feira", "понедельник", "月曜日", "월요일", "星期一", "星期一"],
    ),
    (
        "spans",
        lambda words: words.span(date(2026, 10, 26), date(2026, 11, 1)),
        [
            f"Oct 26{THIN}–{THIN}Nov 1, 2026",
            f"26. Okt.{THIN}–{THIN}1. Nov. 2026",
            f"26 oct.{THIN}–{THIN}1 nov. 2026",
            f"26 oct{THIN}–{THIN}1 nov 2026",
            f"26 de out.{THIN}–{THIN}1 de nov. de 2026",
            f"26 окт. – 1 нояб. 2026{NARROW}г.",
            "2026年10月26日～11月1日",
            "2026년 10월 26일 ~ 11월 1일",
            "2026年10月26日至11月1日",
            "2026年10月26日至11月1日",
        ],
    ),
    (
        "times",
        lambda words: words.time(AT),
        [f"4:04{NARROW}PM", *["16:04"] * 6, "오후 4:04", "16:04", "下午4:04"],
    ),
    (
        "lists",
        lambda words: words.listed(["a", "b", "c"]),
        ["a, b, and c", "a, b und c", "a, b et c", "a, b y c", "a, b e c", "a, b и c", "a、b、c", "a, b 및 c"]
        + ["a、b和c"] * 2,
    ),
]


@pytest.mark.parametrize(("said", "written"), [row[1:] for row in FORMATS], ids=[row[0] for row in FORMATS])
def test_formats(said: Said, written: list[str]) -> None:
    assert [said(phrases(language, BERLIN)) for language in Language] == written


ENGLISH = phrases(Language.EN, BERLIN)


@pytest.mark.parametrize(
    ("value", "digits", "written"),
    [
        (0.5, 0, "1"),
        (2.5, 0, "3"),
        (1.005, 2, "1.01"),
        (-0.04, 1, "0.0"),
        (Decimal("-12.35"), 1, "-12.4"),
        (1e21, 0, "1,000,000,000,000,000,000,000"),
    ],
)
def test_numbers_are_rounded_as_people_do(value: float | Decimal, digits: int, written: str) -> None:
    assert ENGLISH.number(value, digits) == written


def test_changes_have_a_sign_unless_nothing_is_left_of_them() -> None:
    assert [ENGLISH.signed(value, 1) for value in (0.04, -0.04, 0, 0.05, -3.25)] == [
        "0.0",
        "0.0",
        "0.0",
        "+0.1",
        "-3.3",
    ]


def test_shares_may_be_none_all_or_more() -> None:
    assert [ENGLISH.percent(share) for share in (0, 0.005, 1, 12.345, -0.5)] == ["0%", "1%", "100%", "1,235%", "-50%"]
    assert phrases(Language.ES).percent(12.345) == f"1235{NBSP}%"


def test_money_is_in_cents() -> None:
    amounts = (0, Decimal("0.015"), 0.01, -2, 1_000_000)
    assert [ENGLISH.money(usd) for usd in amounts] == ["$0.00", "$0.02", "$0.01", "-$2.00", "$1,000,000.00"]


@pytest.mark.parametrize(
    ("n", "english", "german", "japanese"),
    [
        (0, "0", "0", "0"),
        (999, "999", "999", "999"),
        (1_000, "1K", "1.000", "1,000"),
        (999_499, "999K", "999.499", "99.9万"),
        (999_999, "1M", f"1{NBSP}Mio.", "100万"),
        (12_345_678_901, "12.3B", f"12,3{NBSP}Mrd.", "123億"),
    ],
)
def test_large_numbers_are_short_where_the_language_has_a_short_form(
    n: int, english: str, german: str, japanese: str
) -> None:
    assert [phrases(one).tokens(n) for one in (Language.EN, Language.DE, Language.JA)] == [english, german, japanese]


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0 s"),
        (0.3, "<1 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (65, "1 min 5 s"),
        (3_599.7, "1 h"),
        (3_660, "1 h 1 min"),
        (86_369, "23 h 59 min"),
        (86_399, "1 d"),
        (100_000, "1 d 4 h"),
        (86_400_000, "1,000 d"),
        (-65, "-1 min 5 s"),
    ],
)
def test_durations_have_two_units_at_most(seconds: float, written: str) -> None:
    assert ENGLISH.duration(seconds) == written


def test_days_and_times_are_those_of_the_reader() -> None:
    late = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)
    assert (ENGLISH.date(late), ENGLISH.time(late)) == ("Oct 25, 2026", f"12:30{NARROW}AM")
    assert (phrases(Language.DE).date(late), phrases(Language.DE).time(late)) == ("24. Okt. 2026", "22:30")


def test_a_span_that_ends_at_midnight_ends_on_the_day_before() -> None:
    start = datetime(2026, 11, 2, tzinfo=BERLIN)
    week = ENGLISH.span(start.astimezone(UTC), (start + timedelta(days=7)).astimezone(UTC))
    assert week == f"Nov 2{THIN}–{THIN}8, 2026"
    assert ENGLISH.span(start, start + timedelta(days=1)) == ENGLISH.span(start, start) == "Nov 2, 2026"


def test_a_day_is_not_moved_by_the_zone() -> None:
    assert phrases(Language.EN, ZoneInfo("Pacific/Apia")).date(date(2026, 11, 2)) == "Nov 2, 2026"


def test_lists_of_few() -> None:
    assert [ENGLISH.listed(items) for items in ([], ["a"], ["a", "b"])] == ["", "a", "a and b"]


@pytest.mark.parametrize(
    ("title", "time", "said"),
    [
        ("a", "5 Min.", "Das größte Ergebnis: „a“, 5 Min."),
        ("a", "5 h", "Das größte Ergebnis: „a“, 5 h."),
        ("so ...", "and so ...", "Das größte Ergebnis: „so ...“, and so ...."),
    ],
)
def test_an_abbreviation_at_the_end_ends_the_sentence_too(title: str, time: str, said: str) -> None:
    assert ENGLISH.say(msgid("Das größte Ergebnis: „{title}“, {time}."), title=title, time=time) == said


def test_sentences_of_a_paragraph_stand_apart_where_the_script_needs_it() -> None:
    assert ENGLISH.paragraph(["One.", "", "Two."]) == "One. Two."
    assert [phrases(one).paragraph(["一。", "二。"]) for one in (Language.JA, Language.KO)] == ["一。二。", "一。 二。"]
