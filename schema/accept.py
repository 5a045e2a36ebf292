"""Which kind of answer a client likes best: the quality it gives each, the order of ours where it gives the same."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
EVENT_STREAM = "text/event-stream"
MULTIPART = "multipart/mixed"
HTML = "text/html"

_PARTS = re.compile(r'(?:[^,"]|"[^"]*")+')
_PARAMETERS = re.compile(r'(?:[^;"]|"[^"]*")+')


@dataclass(frozen=True, slots=True)
class _Range:
    """One entry of an Accept header, such as `text/*;q=0.5`."""

    type: str
    parameters: dict[str, str]
    quality: float

    def covers(self, type: str) -> bool:
        main, _, _ = type.partition("/")
        return self.type in (type, f"{main}/*", "*/*")


class Accept:
    """An Accept header; a missing or empty one takes anything."""

    def __init__(self, header: str | None) -> None:
        parts: list[str] = _PARTS.findall((header or "")[:_MOST_CHARS].lower())
        self._ranges = [_range(part) for part in parts if part.strip()] or [_range("*/*")]

    def for_result(self) -> str:
        """Of a single result. The newer type is never guessed, because its statuses differ."""
        explicit = [range.type for range in self._ranges]
        offers = [GRAPHQL_JSON, JSON] if GRAPHQL_JSON in explicit else [JSON]
        if EVENT_STREAM in explicit:
            offers.append(EVENT_STREAM)
        return self._best(offers) or JSON

    def for_stream(self) -> str | None:
        """Of a subscription; None if the client takes neither kind of stream."""
        return self._best([EVENT_STREAM, MULTIPART])

    def for_page(self) -> bool:
        """Whether a page is wanted rather than any answer: browsers say so by name, what else takes HTML gets none."""
        if HTML not in (range.type for range in self._ranges):
            return False
        return self._quality(HTML) > max(self._quality(type) for type in (JSON, GRAPHQL_JSON, EVENT_STREAM))

    def _best(self, offers: Sequence[str]) -> str | None:
        qualities = [(self._quality(offer), -place, offer) for place, offer in enumerate(offers)]
        quality, _, best = max(qualities)
        return best if quality > 0 else None

    def _quality(self, type: str) -> float:
        """That of the narrowest range that covers the type."""
        covering = [range for range in self._ranges if range.covers(type) and _is_meant(range)]
        return max(covering, key=_narrowness).quality if covering else 0.0


_MOST_CHARS = 2_000


def _is_meant(range: _Range) -> bool:
    """Apollo also asks for multipart answers to ordinary queries, in the spec of another feature."""
    return range.type != MULTIPART or "deferspec" not in range.parameters or "subscriptionspec" in range.parameters


def _narrowness(range: _Range) -> tuple[bool, bool]:
    return not range.type.endswith("/*"), range.type != "*/*"


def _range(text: str) -> _Range:
    type, *rest = [part.strip() for part in _PARAMETERS.findall(text)] or [""]
    pairs = (part.partition("=") for part in rest)
    parameters = {name.strip(): value.strip().strip('"') for name, _, value in pairs}
    return _Range(type, parameters, _quality(parameters.get("q", "1")))


def _quality(text: str) -> float:
    """Between 0 and 1; what is no number counts as left out."""
    return min(float(text), 1.0) if re.fullmatch(r"\d{1,3}(\.\d{0,9})?", text) else 1.0
