"""The definitions of events and properties, and the page that tells of them: `UPDATE_GOLDEN=1` writes its tables."""

import os
import re
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

import pytest

from domain.insights.arc_facts import OF_ARCS
from domain.insights.catalogue import (
    COLUMNS,
    EVENTS,
    EVERYWHERE,
    PROPERTIES,
    EventDefinition,
    has_property,
    property_column,
    property_type,
)
from domain.insights.filters import (
    PropertySource,
    PropertyType,
)
from domain.timeline import Kind

PAGE = Path(__file__).parents[3] / "docs" / "insights-events.md"
EVENT = PropertySource.EVENT


def table(*rows: Iterable[str]) -> str:
    head, *others = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([head, re.sub("[^|]+", "---", head), *others])


def code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def of_events(events: Sequence[EventDefinition]) -> str:
    """What all of them may have stands above, so that the table shows what sets them apart."""
    keys = [key for key in events[0].properties if all(key in one.properties for one in events)]
    rows = [
        (f"`{one.name}`", one.description, code(key for key in one.properties if key not in keys)) for one in events
    ]
    found = table(("Event", "When", "Besides" if keys else "Properties"), *rows)
    return f"All may have {code(keys)}.\n\n{found}" if keys else found


def of_properties() -> str:
    rows = [
        (f"`{key}`", source, one.type, one.description, code(one.values)) for (source, key), one in PROPERTIES.items()
    ]
    head = "Property", "Of", "Type", "What", "Values"
    return f"Every event may have {code(EVERYWHERE)}.\n\n{table(head, *rows)}"


DERIVED = [one for one in EVENTS.values() if one.derived]
OF_SESSIONS = [one for one in DERIVED if one.name.startswith("session_")]
OF_GOAL_ARCS = [one for one in DERIVED if one.name in OF_ARCS]
BLOCKS = {
    "sessions": of_events(OF_SESSIONS),
    "arcs": of_events(OF_GOAL_ARCS),
    "work": of_events([one for one in DERIVED if one not in OF_SESSIONS and one not in OF_GOAL_ARCS]),
    "captured": of_events([one for one in EVENTS.values() if not one.derived]),
    "properties": of_properties(),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_the_page_has_the_table(name: str) -> None:
    text = PAGE.read_text("utf-8")
    known = re.search(f"<!-- {name} -->\n.*?<!-- end -->\n", text, re.DOTALL)
    assert known is not None
    written = f"<!-- {name} -->\n{BLOCKS[name]}\n<!-- end -->\n"
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(text.replace(known[0], written), "utf-8")
    else:
        assert known[0] == written


def test_every_kind_of_captured_event_is_defined() -> None:
    assert {name for name, one in EVENTS.items() if not one.derived} == set(Kind)


def test_events_name_properties_that_there_are() -> None:
    named = set(chain.from_iterable(one.properties for one in EVENTS.values()))
    assert {key for source, key in PROPERTIES if source is EVENT} == named | {*EVERYWHERE}
    assert not [one.name for one in EVENTS.values() if len(set(one.properties)) < len(one.properties)]


def test_only_texts_have_lists_of_values() -> None:
    assert {one.type for one in PROPERTIES.values() if one.values} == {PropertyType.TEXT}


def test_columns_bear_the_names_of_their_properties() -> None:
    assert {key: property_column(EVENT, key) for key in COLUMNS} == {key: key for key in COLUMNS}


def test_what_is_not_known_has_no_type() -> None:
    assert property_type(EVENT, "$browser") is None
    assert property_column(PropertySource.PERSON, "email") is None
    assert not has_property("$pageview", "agent")
    assert not has_property("push", "intent")
    assert has_property("push", "agent")
