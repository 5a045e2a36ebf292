"""Whatever is not listed is refused, and what is refused is told."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp, parse

from domain.insights.errors import InvalidQuery
from domain.insights.sql import guard
from domain.insights.sql_functions import FUNCTIONS
from domain.insights.sql_views import VIEWS
from tests.sql_attacks import ATTACKS


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused(name: str) -> None:
    with pytest.raises(InvalidQuery) as refused:
        guard(ATTACKS[name])
    [fault] = refused.value.faults
    assert fault.field == ("query",)
    assert 10 < len(fault.message) < 500
    assert not re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", fault.message)


_WORDS = """\
select from where group by having order limit offset join left on using with as union all distinct in not and or is null
case when then else end between like filter over partition exists cast lateral recursive for update into events sessions
arcs persons users pg_class public . insights_sql event timestamp properties id org_id ctid count sum uniq if toDate
pg_sleep set_config x y * , ( ) [ ] { } = < + - / || :: ->> -> 'a' 'users' 1 0.5 $1 ; text regclass interval day now
current_user true variables filters properties.model e.event a.id count() (events).event
"""
_QUERIES = [
    query.split()
    for query in (
        "select event , count() as n from events e where e . timestamp > now() group by event order by n",
        "with a as ( select id from arcs ) select a . id from a join events e on e . arc_id = a . id",
        "select if ( event in ( select 'x' ) , properties ->> 'y' , 'z' ) from events union select tool from events",
        "select sum ( properties.cost_usd ) over ( partition by model ) :: bigint from events limit 5",
    )
]


@st.composite
def _changed(draw: st.DrawFn) -> str:
    """A query that is let through, with some of its words exchanged, put in or taken out."""
    words = list(draw(st.sampled_from(_QUERIES)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(1, len(words)))
        words[at : at + draw(st.integers(0, 1))] = draw(st.lists(st.sampled_from(_WORDS.split()), max_size=3))
    return " ".join(words)


@given(_changed())
def test_whatever_is_let_through_was_written_here(text: str) -> None:
    try:
        plan = guard(text)
    except InvalidQuery:
        return
    assert_walled(plan.statement)


@pytest.mark.parametrize(
    "text",
    [
        "select * from events",
        "select count(), uniq(e.person_id) from events e join arcs a on a.id = e.arc_id where {filters}",
        "with a as (select * from sessions) select agent from a union select model from events order by 1",
        "select if(event in (select 'x'), 'y''; drop table users', \"event\") as \"; select 1\" from events",
    ],
)
def test_every_source_is_a_view_asked_for_the_callers_rows(text: str) -> None:
    assert_walled(guard(text).statement)


def assert_walled(statement: str) -> None:
    """One SELECT over views that are asked for one organisation, with functions that are listed and a bound."""
    [tree] = parse(statement, read="postgres")
    assert isinstance(tree, exp.Query)
    assert tree.args["limit"]
    assert not list(tree.find_all(exp.Insert, exp.Update, exp.Delete, exp.DDL, exp.Command, exp.Into, exp.Lock))
    named = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if table.db:
            assert (table.db, table.name in VIEWS, table.catalog) == ("insights_sql", True, "")
            select = table.find_ancestor(exp.Select)
            assert select is not None
            where = select.args["where"].sql("postgres")
            assert '"org_id" = CAST($1 AS UUID) AND (CAST($2 AS UUID) IS NULL OR ' in where
        else:
            assert table.name in named
    names = {call.name.lower() for call in tree.find_all(exp.Anonymous)}
    assert names <= _WRITTEN, names - _WRITTEN


_WRITTEN = {name.lower() for name in FUNCTIONS} | {
    "jsonb_object_field", "jsonb_object_field_text", "jsonb_typeof", "jsonb_extract_path", "jsonb_extract_path_text",
    "jsonb_exists", "jsonb_build_object", "to_jsonb", "first_of", "few_of", "to_float", "to_int", "date_diff", "btrim",
    "string_to_array", "array_to_string", "to_timestamp", "date_bin", "strpos",
}  # fmt: skip
