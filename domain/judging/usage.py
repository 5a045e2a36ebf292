"""What the API responses in an arc used: each counted once, priced by itself (domain reference, section 10.3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.prices.catalogue import cost, price_of
from domain.timeline import Event, Tokens

STANDARD_SPEED = "standard"
"""List prices are of this speed; a faster one costs more, so its responses are unpriced."""


@dataclass(frozen=True, slots=True)
class Usage:
    """`cost_usd` is None where any response with tokens has no price, and where there is nothing to pay for.

    `is_lower_bound`: the source is known to tell too few output tokens of some response.
    """

    tokens: Tokens = Tokens()
    cost_usd: Decimal | None = None
    is_lower_bound: bool = False


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """What `count` responses of a model used; `unpriced` of them have no price."""

    usage: Usage
    count: int
    unpriced: int


def usage(events: Iterable[Event]) -> Usage:
    """Of all API responses among `events`. Of several events with one `request_id` that with most output counts."""
    return _sum([_used(one) for one in _responses(events)])


def usage_by_model(events: Iterable[Event]) -> dict[str | None, ModelUsage]:
    """By model, None where nobody named it. Responses without tokens and cost are left out: the agent wrote them."""
    found: dict[str | None, list[Usage]] = {}
    for response in _responses(events):
        used = _used(response)
        if used.tokens.total or used.cost_usd is not None:
            found.setdefault(_model(response), []).append(used)
    return {
        model: ModelUsage(_sum(used), len(used), sum(one.cost_usd is None for one in used))
        for model, used in found.items()
    }


def main_model(events: Iterable[Event]) -> str | None:
    """The model with the most tokens, of equal ones the first by name; None where none is told."""
    named = [(-used.usage.tokens.total, name) for name, used in usage_by_model(events).items() if name]
    return min(named, default=(0, None))[1]


@dataclass(frozen=True, slots=True)
class Answered:
    """The event that counts for an API response, with what was used and the model, if anybody named it."""

    event: Event
    usage: Usage
    model: str | None


def answered(events: Iterable[Event]) -> list[Answered]:
    """Of each API response what it used; together that is their `usage`."""
    return [Answered(max(one, key=_rank), _used(one), _model(one)) for one in _responses(events)]


def counted(events: Iterable[Event]) -> list[Event]:
    """The event of each API response that counts."""
    return [max(response, key=_rank) for response in _responses(events)]


def _responses(events: Iterable[Event]) -> list[list[Event]]:
    """The events that tell of the same API response, together."""
    responses: dict[str, list[Event]] = {}
    for event in events:
        if event.tokens is not None or event.cost_usd is not None or event.model is not None:
            responses.setdefault(event.request_id or str(event.id), []).append(event)
    return list(responses.values())


def _sum(used: Sequence[Usage]) -> Usage:
    costs = [one.cost_usd for one in used if one.tokens.total or one.cost_usd is not None]
    priced = [usd for usd in costs if usd is not None]
    return Usage(
        tokens=sum((one.tokens for one in used), Tokens()),
        cost_usd=sum(priced, Decimal(0)) if priced and len(priced) == len(costs) else None,
        is_lower_bound=any(one.is_lower_bound for one in used),
    )


def _used(response: Sequence[Event]) -> Usage:
    """By one response. What it cost is what the source said, else what its tokens cost by list price."""
    counted = max(response, key=_rank)
    tokens = counted.tokens or Tokens()
    told = max((event.cost_usd for event in response if event.cost_usd is not None), default=None)
    usd = _list_price(counted, tokens, _model(response)) if told is None else told
    return Usage(tokens, usd, counted.data.get("outputIsLowerBound") is True)


def _model(response: Sequence[Event]) -> str | None:
    counted = max(response, key=_rank)
    return counted.model or min((event.model for event in response if event.model), default=None)


def _list_price(event: Event, tokens: Tokens, model: str | None) -> Decimal | None:
    if model is None or tokens.total == 0 or event.data.get("speed", STANDARD_SPEED) != STANDARD_SPEED:
        return None
    price = price_of(model, event.ts)
    return price and cost(tokens, price, _count(event, "cacheWrite1hTokens"), max(1, _count(event, "requests")))


def _count(event: Event, name: str) -> int:
    told = event.data.get(name)
    return max(0, told) if isinstance(told, int) else 0


def _rank(event: Event) -> tuple[int, int, int, int, str]:
    """The most output first; the id decides between equals, so that the order of events does not."""
    tokens = event.tokens or Tokens()
    return tokens.output, tokens.total, tokens.input, tokens.cache_read, str(event.id)
