"""Which kind of answer a client gets, by the Accept header that it sends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.accept import EVENT_STREAM, GRAPHQL_JSON, JSON, MULTIPART, Accept

URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
)


@pytest.mark.parametrize(
    ("header", "single", "stream"),
    [
        (None, JSON, EVENT_STREAM),
        ("", JSON, EVENT_STREAM),
        ("*/*", JSON, EVENT_STREAM),
        ("application/json", JSON, None),
        ("application/*", JSON, None),
        (GRAPHQL_JSON, GRAPHQL_JSON, None),
        ("application/graphql-response+json,application/json;q=0.9", GRAPHQL_JSON, None),
        ("application/json, application/graphql-response+json;q=0.5", JSON, None),
        ("APPLICATION/GRAPHQL-RESPONSE+JSON; charset=utf-8", GRAPHQL_JSON, None),
        ("application/graphql-response+json;q=0, application/json", JSON, None),
        (URQL, GRAPHQL_JSON, EVENT_STREAM),
        ("text/event-stream", EVENT_STREAM, EVENT_STREAM),
        ("text/*", JSON, EVENT_STREAM),
        ("text/event-stream, application/json", JSON, EVENT_STREAM),
        ("text/event-stream, application/json;q=0.5", EVENT_STREAM, EVENT_STREAM),
        ("multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json", JSON, MULTIPART),
        ('multipart/mixed;subscriptionSpec="1.0", text/event-stream;q=0.1', EVENT_STREAM, MULTIPART),
        ("multipart/mixed;deferSpec=20220824,application/json", JSON, None),
        ("multipart/mixed", JSON, MULTIPART),
        ("text/event-stream;q=0, */*", JSON, MULTIPART),
        ("image/png", JSON, None),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON, EVENT_STREAM),
        ("text/event-stream;q=nonsense", EVENT_STREAM, EVENT_STREAM),
    ],
)
def test_the_best_liked_decides(header: str | None, single: str, stream: str | None) -> None:
    accept = Accept(header)
    assert (accept.for_result(), accept.for_stream()) == (single, stream)


CHROME = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
)


@pytest.mark.parametrize(
    ("header", "page"),
    [
        (CHROME, True),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("TEXT/HTML; charset=utf-8", True),
        ("text/html, application/json;q=0.9", True),
        (None, False),
        ("*/*", False),
        ("text/*", False),
        ("text/html;q=0", False),
        ("text/html, */*", False),
        ("text/html, application/json", False),
        ("text/html;q=0.9, application/json", False),
        ("text/html;q=0.9, application/graphql-response+json", False),
        ("text/html;q=0.5, text/event-stream", False),
        ("application/xhtml+xml", False),
        (URQL, False),
    ],
)
def test_a_page_is_for_those_that_like_html_best_by_name(header: str | None, page: bool) -> None:
    assert Accept(header).for_page() is page


@given(st.text(alphabet='abc/*;=,q" .019é', max_size=60))
def test_any_header_gets_an_answer(header: str) -> None:
    assert Accept(header).for_result() in (JSON, GRAPHQL_JSON, EVENT_STREAM)
    assert Accept(header).for_stream() in (None, EVENT_STREAM, MULTIPART)
