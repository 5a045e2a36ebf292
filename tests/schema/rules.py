"""How the elements of the schema are named and described: one rule each, of whatever it looks at."""

import re
from collections.abc import Callable, Iterator

from graphql import (
    GraphQLArgument,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
)

from schema.elements import Definition, Element, elements

ARTICLES = {"a", "an", "the", "its", "of"}
SCALARS = {"ID", "String", "Int", "Long", "Float", "Boolean", "Date", "DateTime", "JSON"}
PAGING = ["first", "after", "last", "before"]


def described(element: Element) -> bool:
    """In a sentence, beside the version."""
    words = _description(element).split()
    return len(words) > 1 and words[-1].endswith(".") and not words[0][0].islower()


def says_more_than_the_name(element: Element) -> bool:
    said = [word for word in re.findall(r"\w+", _description(element).lower()) if word not in ARTICLES]
    return said != [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", element.name)]


def _description(element: Element) -> str:
    return re.sub(r" ?Added in \d+\.\d+\.$", "", element.definition.description or "")


def cased(element: Element) -> bool:
    """SessionFilterInput, startedAt, BUG_FIX."""
    match element.definition:
        case GraphQLEnumValue():
            pattern = r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*"
        case GraphQLField() | GraphQLArgument() | GraphQLInputField():
            pattern = r"[a-z]+([A-Z][a-z0-9]+)*"
        case GraphQLNamedType():
            pattern = r"([A-Z][a-z0-9]+)+|JSON"
        case _:
            pattern = r"@[a-z]+([A-Z][a-z0-9]+)*"
    return re.fullmatch(pattern, element.name) is not None


def input_objects_end_in_input(element: Element) -> bool:
    is_input = isinstance(element.definition, GraphQLInputObjectType)
    return not isinstance(element.definition, GraphQLNamedType) or is_input == element.name.endswith("Input")


def connections_are_those_of_relay(element: Element) -> bool:
    """Whatever has edges is a connection, of edges of the same name, with the members that every other has."""
    type = element.definition
    if not isinstance(type, GraphQLObjectType) or not ("edges" in type.fields or type.name.endswith("Connection")):
        return True
    of = type.name.removesuffix("Connection")
    types = {name: written(field) for name, field in type.fields.items()}
    return types == {
        "edges": f"[{of}Edge!]!",
        "nodes": f"[{of}!]!",
        "pageInfo": "PageInfo!",
        "totalCount": "Int!",
    }


def connections_are_paged_both_ways(element: Element) -> bool:
    field = element.definition
    if not isinstance(field, GraphQLField) or not _named(field).endswith("Connection"):
        return True
    arguments = [name for name in field.args if name in PAGING]
    return sorted(arguments) == sorted(PAGING) and written(field).endswith("!")


def mutations_take_an_input_and_answer_a_payload(element: Element) -> bool:
    field = element.definition
    if element.owner != "Mutation" or not isinstance(field, GraphQLField):
        return True
    name = element.name[0].upper() + element.name[1:]
    arguments = {argument: written(given) for argument, given in field.args.items()}
    return arguments == {"input": f"{name}Input!"} and _named(field) == f"{name}Payload"


def payloads_tell_their_errors(element: Element) -> bool:
    type = element.definition
    if not isinstance(type, GraphQLObjectType) or not type.name.endswith("Payload"):
        return True
    errors = type.fields.get("userErrors")
    return errors is not None and re.fullmatch(r"\[\w+Error!]!", written(errors)) is not None


def errors_have_codes_of_their_own(element: Element) -> bool:
    type = element.definition
    if not isinstance(type, GraphQLObjectType) or not type.name.endswith("Error"):
        return True
    types = {name: written(field) for name, field in type.fields.items()}
    return types == {"field": "[String!]", "message": "String!", "code": f"{type.name}Code!"}


def ids_are_named_for_what_they_are_of(element: Element) -> bool:
    """`id`, `ids`, `sessionId`, `subscriberIds`; the `session` of a filter."""
    if _scalar(element) != "ID":
        return True
    of = element.name in {"assessment", "developer", "session"} and not isinstance(element.definition, GraphQLField)
    return of or re.fullmatch(r"ids?|\w+Ids?", element.name) is not None


def truths_are_plain_adjectives(element: Element) -> bool:
    """`crushed`, not `isCrushed`. PageInfo is Relay's."""
    return _scalar(element) != "Boolean" or not re.match(r"(is|was|did|can)[A-Z]", element.name)


def times_end_in_at(element: Element) -> bool:
    is_time = element.name in {"at", "ts", "from", "to", "asOf"} or re.search(r"[a-z]At$", element.name) is not None
    return _scalar(element) is None or is_time == (_scalar(element) == "DateTime")


def numbers_say_of_what(element: Element) -> bool:
    """Counts end in Count, or are of lines or tokens; other whole numbers have a unit, are places in what an insight
    asks or comes to, or are exceptions: a range says it where it is used."""
    if (
        _scalar(element) not in {"Int", "Long"}
        or element.name in {"first", "last", "min", "max"}
        or element.owner == "Tokens"
    ):
        return True
    place = re.search(r"(^s|S)tep$|^(series|bucket|cohort|period)$", element.name) is not None
    return place or re.search(r"(^c|C)ounts?$|Ms$|Minutes$|Days$|^lines[A-Z]", element.name) is not None


def money_is_in_dollars(element: Element) -> bool:
    about_money = re.search(r"(?i)cost|price(?!d(?:Count)?$)|spend|budget", element.name) is not None
    return _scalar(element) is None or about_money == element.name.endswith("Usd")


def durations_are_in_milliseconds(element: Element) -> bool:
    about_time = re.search(r"(?i)duration|latency|elapsed", element.name) is not None
    return _scalar(element) is None or about_time == (re.search(r"[a-z]Ms$", element.name) is not None)


def lists_have_no_holes(element: Element) -> bool:
    """A list that is answered is there, and so is each of its members; but an error may be of no field."""
    type = written(element.definition)
    is_answered = isinstance(element.definition, GraphQLField) and not (element.owner or "").endswith("Error")
    return not is_answered or "[" not in type or type.endswith("!]!")


def written(definition: Definition) -> str:
    """The type as the SDL has it; nothing for what has none."""
    return str(getattr(definition, "type", ""))


def _named(definition: Definition) -> str:
    return written(definition).strip("[]!")


def _scalar(element: Element) -> str | None:
    name = _named(element.definition)
    return name if name in SCALARS else None


RULES: list[Callable[[Element], bool]] = [
    described,
    says_more_than_the_name,
    cased,
    input_objects_end_in_input,
    connections_are_those_of_relay,
    connections_are_paged_both_ways,
    mutations_take_an_input_and_answer_a_payload,
    payloads_tell_their_errors,
    errors_have_codes_of_their_own,
    ids_are_named_for_what_they_are_of,
    truths_are_plain_adjectives,
    times_end_in_at,
    numbers_say_of_what,
    money_is_in_dollars,
    durations_are_in_milliseconds,
    lists_have_no_holes,
]


def complaints(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """The rule and the coordinate of each element that breaks it."""
    for element in elements(schema):
        for rule in RULES:
            if not rule(element):
                yield rule.__name__, element.coordinate
