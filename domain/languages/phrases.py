"""How a language says things: whole sentences from its catalogue, figures and times as its readers write them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from string import Formatter
from typing import LiteralString, NewType

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton, format_time
from babel.lists import format_list
from babel.numbers import (
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
    get_minus_sign_symbol,
    get_plus_sign_symbol,
)

from domain.languages.catalogue import Catalogue, catalogue_of
from domain.languages.negotiation import Language

Message = NewType("Message", str)
"""An English message that stands in a table and is said later."""

At = date | datetime
"""A day, or a time of which the day is meant."""

_KOREAN_TIME = "aaaa h:mm"
"""Its short form would write AM and PM in English."""

_FOUR_DIGITS_TOGETHER = (Language.ES,)
"""Where 1234 is written without a separator, and 12.345 with one."""

_WIDE_STOPS = (Language.JA, Language.ZH_HANS, Language.ZH_HANT)

_CENT = Decimal("0.01")
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def msgid(message: LiteralString) -> Message:
    """Marks an English message that is kept in a table: it is translated where it is said."""
    return Message(message)


@cache
def _locale(language: Language) -> Locale:
    return Locale.parse(language, sep="-")


def phrases(language: Language, zone: tzinfo = UTC) -> "Phrases":
    """How `language` says things to a reader in `zone`."""
    return Phrases(language, zone, _locale(language), catalogue_of(language))


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language for readers in one zone. What its catalogue lacks is said in English.

    Days and times of a `datetime` are those of the zone; a `date` is taken as it is.
    """

    language: Language
    zone: tzinfo
    _locale: Locale
    _catalogue: Catalogue

    def say(self, message: LiteralString | Message, /, **values: str) -> str:
        """The sentence that stands for an English one; its {named} fields are filled with `values` as they are."""
        forms = self._catalogue.messages.get(message)
        return _filled(forms[0] if forms else message, values)

    def count(self, one: LiteralString, many: LiteralString, n: int, /, **values: str) -> str:
        """As `say`, for `n` things: the form that the language has for that number. {n} is the number, written."""
        forms = self._catalogue.messages.get(one)
        form = forms[self._catalogue.form(abs(n))] if forms else (one if abs(n) == 1 else many)
        return _filled(form, {**values, "n": self.number(n)})

    def paragraph(self, sentences: Iterable[str]) -> str:
        """Sentences one after the other; where a full stop has its own width, no space follows it."""
        return ("" if self.language in _WIDE_STOPS else " ").join(sentence for sentence in sentences if sentence)

    def number(self, value: float | Decimal, digits: int = 0) -> str:
        """With exactly `digits` decimals, half rounded away from zero."""
        exact = _rounded(value, digits)
        return format_decimal(exact, _digits(digits), self._locale, group_separator=self._grouped(exact))

    def signed(self, value: float | Decimal, digits: int = 0) -> str:
        """As `number`, with a plus where there is more than nothing."""
        plus = get_plus_sign_symbol(self._locale) if _rounded(value, digits) > 0 else ""
        return plus + self.number(value, digits)

    def percent(self, share: float | Decimal, digits: int = 0) -> str:
        """A share of 1, in percent: 0.25 is 25%."""
        exact = _rounded(share, digits + 2)
        pattern = self._locale.percent_formats[None].pattern.replace(_digits(0), _digits(digits))
        return format_percent(exact, pattern, self._locale, group_separator=self._grouped(exact * 100))

    def money(self, usd: Decimal | float) -> str:
        """US dollars and cents; of less than a cent it says that it is less."""
        exact = _exact(usd)
        if 0 < exact < _CENT:
            return "<" + self.money(_CENT)
        return format_currency(_rounded(exact, 2), "USD", locale=self._locale)

    def tokens(self, n: int) -> str:
        """A large number, short: 12.3K. Where a language has no short form for it, it is written out."""
        digits = len(str(abs(n)))
        rounded = int(round(n, 3 - digits)) if digits > 3 else n
        short = format_compact_decimal(rounded, locale=self._locale, fraction_digits=1)
        return self.number(n) if short.lstrip("-").isdecimal() else short

    def duration(self, seconds: float) -> str:
        """Two units at most, the smaller one rounded: 2 h 5 min."""
        if seconds < 0:
            return get_minus_sign_symbol(self._locale) + self.duration(-seconds)
        if 0 < seconds < 1:
            return self.say("{seconds} s", seconds="<" + self.number(1))
        whole = round(seconds)
        if whole < _HOUR:
            return self._minutes(whole)
        whole = round(whole / _MINUTE) * _MINUTE
        return self._hours(whole) if whole < _DAY else self._days(round(whole / _HOUR))

    def _minutes(self, seconds: int) -> str:
        minutes, rest = (self.number(part) for part in divmod(seconds, _MINUTE))
        if seconds < _MINUTE:
            return self.say("{seconds} s", seconds=rest)
        if seconds % _MINUTE == 0:
            return self.say("{minutes} min", minutes=minutes)
        return self.say("{minutes} min {seconds} s", minutes=minutes, seconds=rest)

    def _hours(self, seconds: int) -> str:
        hours, rest = divmod(seconds // _MINUTE, 60)
        if rest == 0:
            return self.say("{hours} h", hours=self.number(hours))
        return self.say("{hours} h {minutes} min", hours=self.number(hours), minutes=self.number(rest))

    def _days(self, hours: int) -> str:
        days, rest = divmod(hours, 24)
        if rest == 0:
            return self.say("{days} d", days=self.number(days))
        return self.say("{days} d {hours} h", days=self.number(days), hours=self.number(rest))

    def date(self, at: At) -> str:
        """Day, month and year, as short as it stays a date to read."""
        return format_skeleton("yMMMd", _day(at, self.zone), locale=self._locale)

    def day(self, at: At) -> str:
        """Weekday and date, in full."""
        return format_date(_day(at, self.zone), "full", locale=self._locale)

    def month_day(self, at: At) -> str:
        """Day and month, for the axis of a chart or a narrow column."""
        return format_skeleton("MMMd", _day(at, self.zone), locale=self._locale)

    def weekday(self, at: At) -> str:
        """The name of the day of the week."""
        return format_date(_day(at, self.zone), "cccc", locale=self._locale)

    def span(self, start: At, end: At) -> str:
        """From one day to another, both named. An `end` with a time is the instant at which the span is over, so one
        that ends at midnight ends on the day before."""
        first, last = _day(start, self.zone), _day(end, self.zone)
        if isinstance(end, datetime):
            last = max(first, _day(end - timedelta(microseconds=1), self.zone))
        return format_interval(first, last, "yMMMd", locale=self._locale)

    def time(self, at: datetime) -> str:
        """Hours and minutes."""
        style = _KOREAN_TIME if self.language is Language.KO else "short"
        return format_time(at.astimezone(self.zone), style, tzinfo=self.zone, locale=self._locale)

    def listed(self, items: Sequence[str]) -> str:
        """Things one after the other, with the language's "and"."""
        return format_list(items, "standard", locale=self._locale)

    def _grouped(self, value: Decimal) -> bool:
        return self.language not in _FOUR_DIGITS_TOGETHER or abs(value) >= 10_000


def _filled(form: str, values: Mapping[str, str]) -> str:
    """The form with its fields filled in. A value that ends in an abbreviation, "5 Min.", ends its sentence too."""
    parts: list[str] = []
    for literal, name, _, _ in Formatter().parse(form):
        ended = bool(parts) and parts[-1].endswith(".") and not parts[-1].endswith("..")
        parts.append(literal[1:] if ended and literal.startswith(".") else literal)
        if name is not None:
            parts.append(values[name])
    return "".join(parts)


def _digits(decimals: int) -> str:
    return "#,##0." + "0" * decimals if decimals else "#,##0"


def _day(at: At, zone: tzinfo) -> date:
    return at.astimezone(zone).date() if isinstance(at, datetime) else at


def _exact(value: float | Decimal) -> Decimal:
    """The number as it is written, not the binary fraction beside it."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _rounded(value: float | Decimal, digits: int) -> Decimal:
    """Half away from zero, as people round; never minus zero."""
    return _exact(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP) + 0
