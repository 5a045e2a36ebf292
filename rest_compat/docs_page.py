"""The page at /docs: reads /openapi.json and shows it, without a library and without a request elsewhere."""

# ruff: noqa: E501

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Goalarc REST</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; --line: color-mix(in srgb, currentColor 20%, transparent); }
  main { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  h2 { margin-top: 2.5rem; font-size: 1.15rem; }
  details { border: 1px solid var(--line); border-radius: .4rem; margin: .5rem 0; }
  summary { padding: .5rem .8rem; cursor: pointer; display: flex; gap: .8rem; align-items: baseline; flex-wrap: wrap; }
  summary b { width: 4rem; } summary span { opacity: .7; margin-left: auto; }
  details > div { padding: 0 .8rem .8rem; }
  table { border-collapse: collapse; width: 100%; }
  td, th { text-align: left; padding: .25rem .6rem .25rem 0; vertical-align: top; border-top: 1px solid var(--line); }
  pre { overflow: auto; max-height: 24rem; padding: .6rem; border: 1px solid var(--line); border-radius: .3rem; }
</style>
<main><h1>Goalarc REST</h1><p>Send a key as <code>Authorization: Bearer …</code> or <code>X-API-Key: …</code>.
The document itself is at <a href="/openapi.json">/openapi.json</a>.</p><div id="routes">Loading…</div></main>
<script>
const make = (tag, text, ...children) => {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  element.append(...children);
  return element;
};
const resolve = (schema, root, depth = 0) => {
  if (depth > 6 || typeof schema !== "object" || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map((item) => resolve(item, root, depth + 1));
  if (schema.$ref) return resolve(root.components.schemas[schema.$ref.split("/").pop()], root, depth + 1);
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, resolve(value, root, depth + 1)]));
};
const shape = (title, content, root) => {
  const schema = content?.["application/json"]?.schema;
  return schema ? [make("h4", title), make("pre", JSON.stringify(resolve(schema, root), null, 2))] : [];
};
const parameters = (operation) => {
  const table = make("table");
  for (const p of operation.parameters)
    table.append(make("tr", "", make("td", p.name), make("td", p.in), make("td", JSON.stringify(p.schema)), make("td", p.description ?? "")));
  return operation.parameters.length ? [make("h4", "Parameters"), table] : [];
};
fetch("/openapi.json").then((answer) => answer.json()).then((root) => {
  const sections = new Map();
  for (const [path, methods] of Object.entries(root.paths))
    for (const [method, operation] of Object.entries(methods)) {
      const body = make("div", "", ...parameters(operation), ...shape("Body", operation.requestBody?.content, root),
        ...Object.entries(operation.responses).flatMap(([status, answer]) => shape(`${status} ${answer.description}`, answer.content, root)));
      const entry = make("details", "", make("summary", "", make("b", method.toUpperCase()), make("code", path), make("span", operation.summary)), body);
      const tag = operation.tags[0];
      if (!sections.has(tag)) sections.set(tag, make("section", "", make("h2", tag)));
      sections.get(tag).append(entry);
    }
  document.getElementById("routes").replaceChildren(...sections.values());
}).catch((error) => { document.getElementById("routes").textContent = `The document could not be read: ${error}`; });
</script>
"""
