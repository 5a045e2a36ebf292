"""Documents are parsed and validated once, within bounds, and weighed before they are validated."""

import pytest

import schema.documents as module
from schema.documents import Documents, RequestError
from schema.root import schema

GRAPH = schema.graphql_schema


def _messages(documents: Documents, text: str) -> list[str]:
    with pytest.raises(RequestError) as refused:
        documents.prepare(text, None, {})
    return [error.message for error in refused.value.errors]


def test_a_document_is_parsed_and_validated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    for name in ("parse", "validate"):
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *a, name=name, real=real, **k: (calls.append(name), real(*a, **k))[1])
    documents = Documents(GRAPH)
    for _ in range(3):
        prepared = documents.prepare("query A { viewer { email } }", None, {})
    assert (calls, prepared.name, prepared.cost > 0) == (["parse", "validate"], "A", True)


def test_an_invalid_document_is_judged_once_too(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    real = module.validate
    monkeypatch.setattr(module, "validate", lambda *a, **k: (calls.append("validate"), real(*a, **k))[1])
    documents = Documents(GRAPH)
    assert _messages(documents, "{ nothing }") == _messages(documents, "{ nothing }")
    assert calls == ["validate"]


def test_what_is_too_much_is_not_validated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "validate", lambda *a, **k: pytest.fail("validated"))
    [message] = _messages(Documents(GRAPH), "{ " + "viewer { email } " * 400 + "}")
    assert "more than" in message


def test_a_document_of_too_many_tokens_is_not_parsed_to_its_end() -> None:
    [message] = _messages(Documents(GRAPH), "{ " + "viewer { email } " * 2_000)
    assert "2000 tokens" in message


@pytest.mark.parametrize("filler", ["a: __typename " * 40, "__typename #" + "x" * 100_000])
def test_the_memory_of_documents_is_bounded(filler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BYTES_KEPT", 2_000_000)
    documents = Documents(GRAPH)
    for number in range(100):
        documents.prepare(f"query Q{number} {{ {filler}\n}}", None, {})
    assert 0 < len(documents._seen) < 50  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize("filler", ["#" + "x" * 200_000, " " * 200_000, "," * 200_000])
def test_a_long_document_is_not_read(filler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "parse", lambda *a, **k: pytest.fail("parsed"))
    [message] = _messages(Documents(GRAPH), "{ __typename } " + filler)
    assert "200000 characters" in message


@pytest.mark.parametrize(
    "text", ["{{ sessions(first: {0}) {{ totalCount }} }}", "query ($n: Int = -{0}) {{ __typename }}"]
)
def test_a_number_that_python_does_not_read_is_the_clients_fault(text: str) -> None:
    [message] = _messages(Documents(GRAPH), text.format("9" * 5_000))
    assert message == "more than 1000 digits in a row"


def test_introspection_can_be_switched_off() -> None:
    closed = Documents(GRAPH, introspection=False)
    for text in ("{ __schema { types { name } } }", '{ __type(name: "Session") { name } }'):
        assert "introspection" in _messages(closed, text)[0]
        assert Documents(GRAPH).prepare(text, None, {})
    assert closed.prepare("{ viewer { __typename } }", None, {})


def test_suggestions_can_be_switched_off() -> None:
    assert "Did you mean" in _messages(Documents(GRAPH), "{ viewer { emai } }")[0]
    assert "Did you mean" not in _messages(Documents(GRAPH, suggestions=False), "{ viewer { emai } }")[0]


def test_few_errors_are_told_of_many() -> None:
    names = " ".join(f"nothing{n}" for n in range(100))
    assert len(_messages(Documents(GRAPH), f"{{ {names} }}")) <= 21
