"""Dated list prices, from the data files beside this one, and what tokens cost by them.

A figure that has no source is not in there: a model without a price is unpriced, never free.
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, NonNegativeInt

from domain.timeline import Tokens

LISTS = ("anthropic", "openai", "google")

_MAKER = re.compile(r"^(?:anthropic|openai|google)/")
_CONTEXT = re.compile(r"\[\w{1,8}\]$")
"""Claude Code writes `claude-sonnet-4-5[1m]` for the same model with a longer context."""
_SNAPSHOT = re.compile(r"-(?:\d{8}|\d{4}-\d{2}-\d{2})$")


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rates(_Document):
    """US dollars per million tokens. A class of the cache without a price of its own is charged as the one before it:
    an hour in the cache as five minutes, what goes into the cache or comes out of it as input."""

    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    cache_write_1h: Decimal | None = None


class LongPrompt(Rates):
    """Rates of requests with more than `above` prompt tokens, cache included; they hold for the whole request."""

    above: NonNegativeInt


class Price(Rates):
    """What a model costs from the UTC day `since` on. `sources`: keys of the `sources` of its list."""

    since: date
    long_prompt: LongPrompt | None = None
    sources: tuple[str, ...]


class _Model(_Document):
    """`prices` by day, the oldest first. All `names` cost the same."""

    names: tuple[str, ...]
    prices: tuple[Price, ...]


class PriceList(_Document):
    """`sources`: where figures and days were read, by key."""

    sources: Mapping[str, str]
    models: tuple[_Model, ...]


def price_of(model: str, at: datetime) -> Price | None:
    """The list price of a model at a time. None for an unknown model, and before its first known price.

    Names are those of the makers, also as `anthropic/...` and with the date of a snapshot at the end. Those that a
    cloud gave them are unknown: it has prices of its own.
    """
    day = at.astimezone(UTC).date()
    return next((price for price in reversed(_prices_of(model)) if price.since <= day), None)


def cost(tokens: Tokens, price: Price, cache_write_1h: int = 0, responses: int = 1) -> Decimal:
    """US dollars, exactly; `cache_write_1h` of the `cache_write` tokens are to be kept for an hour.

    Of several `responses` that are told together each is taken to have had a prompt of the same length.
    """
    prompt = (tokens.input + tokens.cache_read + tokens.cache_write) // responses
    long = price.long_prompt
    rates = price if long is None or prompt <= long.above else long
    read = rates.input if rates.cache_read is None else rates.cache_read
    write = rates.input if rates.cache_write is None else rates.cache_write
    write_1h = write if rates.cache_write_1h is None else rates.cache_write_1h
    for_an_hour = min(cache_write_1h, tokens.cache_write)
    written = (tokens.cache_write - for_an_hour) * write + for_an_hour * write_1h
    return (tokens.input * rates.input + tokens.output * rates.output + tokens.cache_read * read + written).scaleb(-6)


def read(text: str) -> PriceList:
    """A list as its file says it. Raises ValueError where that makes no sense."""
    found = PriceList.model_validate(tomllib.loads(text, parse_float=Decimal))
    for model in found.models:
        days = [price.since for price in model.prices]
        if not days or days != sorted(set(days)):
            raise ValueError(f"prices of {model.names[0]} are not in the order of their days")
        if unknown := {source for price in model.prices for source in price.sources} - found.sources.keys():
            raise ValueError(f"prices of {model.names[0]} name unknown sources: {sorted(unknown)}")
    return found


def version_of(lists: tuple[PriceList, ...]) -> str:
    """Eight characters that follow from the figures alone, so that rewording a source changes nothing."""
    plain = "".join(one.model_dump_json(exclude=_SAID) for one in lists)
    return sha256(plain.encode()).hexdigest()[:8]


_SAID = {"sources": True, "models": {"__all__": {"prices": {"__all__": {"sources"}}}}}


def _prices_of(model: str) -> tuple[Price, ...]:
    name = _CONTEXT.sub("", _MAKER.sub("", model.strip().lower()))
    return _PRICES.get(name) or _PRICES.get(_SNAPSHOT.sub("", name), ())


_LISTS = tuple(read(files("domain.prices").joinpath(f"{name}.toml").read_text("utf-8")) for name in LISTS)
_PRICES = {name: model.prices for one in _LISTS for model in one.models for name in model.names}

VERSION = version_of(_LISTS)
"""Another one whenever a price changes: costs of an older version are worked out again."""
