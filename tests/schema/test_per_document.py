"""What is worked out once for a document is kept as long as the document."""

import gc
from weakref import ref

from graphql import DocumentNode, parse

from schema.per_document import PerDocument


class Made:
    def __init__(self, document: DocumentNode) -> None:
        self.definitions = document.definitions


def test_a_document_is_worked_out_once() -> None:
    made = PerDocument(Made)
    one, same = parse("{ a }"), parse("{ a }")
    assert made(one) is made(one)
    assert made(one) is not made(same)


def test_what_is_worked_out_goes_with_the_document() -> None:
    made = PerDocument(Made)
    document = parse("{ a }")
    kept = ref(made(document))
    assert kept() is not None
    del document
    gc.collect()
    assert kept() is None
