"""What is wrong with a document, told by the name of the field, its place, and the field that may be meant."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from domain.insights.errors import InsightFault, InvalidQuery
from domain.insights.query_fields import NOT_SUPPORTED

Place = tuple[str, ...]
_UNKNOWN_FIELD = "extra_forbidden"
_NO_KIND = ("union_tag_invalid", "union_tag_not_found")
_LONGEST_QUOTE = 60


def invalid(message: str, place: Place, code: InsightFault = InsightFault.INVALID_QUERY) -> InvalidQuery:
    """The message begins with the place, as `source.series.0.math`."""
    told = ".".join(_short(step) for step in place)
    return InvalidQuery(f"{told}: {message}" if place else message, place or None, code)


def quoted(value: object) -> str:
    return f"“{_short(str(value))}”"


def _short(text: str) -> str:
    return f"{text[:_LONGEST_QUOTE]}…" if len(text) > _LONGEST_QUOTE else text


def maybe(name: object, known: Iterable[str]) -> str:
    """ ", did you mean “series”?" where a known name is close, else nothing."""
    close = get_close_matches(str(name), sorted(known), n=1, cutoff=0.6)
    return f", did you mean {quoted(close[0])}?" if close else ""


def told(errors: Sequence[ErrorDetails], document: object, model: type[BaseModel]) -> InvalidQuery:
    """The gravest of the errors that pydantic found while it read `document` as `model`."""
    first = min(errors, key=_rank)
    place = _place(first, document)
    if first["type"] == _UNKNOWN_FIELD:
        names = {name for one in _models_at(model, first["loc"][:-1]) for name in _aliases(one)}
        message = f"there is no field {quoted(place[-1])}{maybe(place[-1], names)}"
        return invalid(message, place, InsightFault.UNKNOWN_FIELD)
    if first["type"] == NOT_SUPPORTED:
        return invalid(_refusal(first, place), place, InsightFault.NOT_SUPPORTED)
    here = [error for error in errors if _place(error, document) == place]
    return invalid("; or ".join(dict.fromkeys(_message(error) for error in here)), place)


def _rank(error: ErrorDetails) -> int:
    """A wrong kind explains all other errors; an unknown name is told before a wrong value."""
    if error["type"] in _NO_KIND or (error["type"] == NOT_SUPPORTED and error["loc"][-1] == "kind"):
        return 0
    return {_UNKNOWN_FIELD: 1, NOT_SUPPORTED: 2}.get(error["type"], 3)


def _place(error: ErrorDetails, document: object) -> Place:
    """pydantic's path without what is no part of the document, such as the names of kinds."""
    value, place = document, list[str]()
    loc = error["loc"]
    for position, step in enumerate(loc):
        inside = isinstance(value, list) if isinstance(step, int) else isinstance(value, dict) and step in value
        if inside:
            value = value[step]  # pyright: ignore[reportIndexIssue, reportUnknownVariableType] - JSON
            place.append(str(step))
        elif error["type"] == "missing" and position == len(loc) - 1:
            place.append(str(step))
    return (*place, "kind") if error["type"] in _NO_KIND else tuple(place)


def _refusal(error: ErrorDetails, place: Place) -> str:
    context = error.get("ctx", {})
    what = quoted(context["value"]) if "value" in context else quoted(place[-1])
    return f"{what} is not supported. {context.get('instead', '')}".rstrip()


def _message(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return "is missing"
        case "union_tag_not_found":
            return "is missing"
        case "union_tag_invalid":
            return f"{quoted(context['tag'])} is none of {context['expected_tags']}"
        case "literal_error" | "enum":
            return f"{quoted(error['input'])} is none of {context['expected']}"
        case "too_short":
            return f"has at least {context['min_length']}"
        case "too_long":
            return f"has at most {context['max_length']}, not {context['actual_length']}"
        case "string_pattern_mismatch":
            return f"{quoted(error['input'])} does not fit {context['pattern']}"
        case _:
            return error["msg"][:1].lower() + error["msg"][1:]


def _aliases(model: type[BaseModel]) -> Iterator[str]:
    return (field.alias or name for name, field in model.model_fields.items())


def _models_at(model: type[BaseModel], path: Sequence[int | str]) -> list[type[BaseModel]]:
    """Which models may stand at a place: those of a field's type, narrowed where the path names one."""
    models = [model]
    for step in path:
        named = [one for one in models if one.__name__ == step]
        fields = [
            field for one in models for name, field in one.model_fields.items() if step in (field.alias or name, name)
        ]
        if named:
            models = named
        elif fields:
            models = [found for field in fields for found in _models_in(field.annotation)]
    return models


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _models_in(part)]
