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
  h2 { margin-top: 2.5rem; font-size: 1.15rem; } h3 { margin: 1.2rem 0 .3rem; font-size: .95rem; }
  details { border: 1px solid var(--line); border-radius: .4rem; margin: .5rem 0; }
  summary { padding: .5rem .8rem; cursor: pointer; display: flex; gap: .8rem; align-items: baseline; flex-wrap: wrap; }
  summary b { min-width: 4rem; } summary span { opacity: .75; margin-left: auto; }
  details > div { padding: 0 .8rem .8rem; overflow-wrap: anywhere; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; margin: .3rem 0; } dd { margin: 0; }
  pre { white-space: pre-wrap; margin: .3rem 0; padding: .6rem; border: 1px solid var(--line); border-radius: .3rem; }
  i { font-style: normal; opacity: .65; }
</style>
<main><h1>Goalarc REST</h1><p>Send a key as <code>Authorization: Bearer KEY</code> or <code>X-API-Key: KEY</code>.
The document itself is at <a href="openapi.json">/openapi.json</a>.</p><div id="routes">Loading…</div></main>
<script>
const make = (tag, ...inside) => {
  const element = document.createElement(tag);
  element.append(...inside);
  return element;
};
const named = (schema, root) => schema.$ref ? schema.$ref.split("/").slice(1).reduce((at, step) => at[step], root) : schema;
const bounds = (schema, least, most) =>
  schema[least] === undefined && schema[most] === undefined ? "" : ` (${schema[least] ?? ""}…${schema[most] ?? ""})`;

/* A schema in the notation of TypeScript: short enough to be read. What holds itself is named in there. */
const shape = (given, root, indent = "", within = []) => {
  if (within.includes(given.$ref)) return given.$ref.split("/").pop();
  const schema = named(given, root), deeper = indent + "  ", around = given.$ref ? [...within, given.$ref] : within;
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  if (schema.properties) {
    const needed = new Set(schema.required);
    const members = Object.entries(schema.properties).map(([name, one]) => `${deeper}${name}${needed.has(name) ? "" : "?"}: ${shape(one, root, deeper, around)}\\n`);
    return `{\\n${members.join("")}${indent}}`;
  }
  if (schema.anyOf) return [...new Set(schema.anyOf.map((one) => shape(one, root, indent, around)))].join(" | ");
  if (schema.type === "array") {
    const item = shape(schema.items, root, indent, around);
    return `${schema.items.anyOf ? `(${item})` : item}[]${bounds(schema, "minItems", "maxItems")}`;
  }
  if (schema.type === "object") return "{…}";
  const type = [schema.type ?? "any"].flat().join(" | ");
  return (schema.format ?? type) + bounds(schema, "minimum", "maximum") + bounds(schema, "minLength", "maxLength");
};
const words = (text) => text.split("`").map((part, place) => place % 2 ? make("code", part) : part);
const prose = (text) => make("p", ...words(text));
/* What the parts of a body say about themselves, and what each variant of it adds. */
const notes = (given, root, within = []) => {
  if (within.includes(given.$ref)) return [];
  const schema = named(given, root), around = given.$ref ? [...within, given.$ref] : within;
  const own = schema.description ? [prose(schema.description)] : [];
  const variants = (schema.anyOf ?? []).flatMap((one) => schema.properties ? variant(one, root) : notes(one, root, around));
  return [...own, ...(schema.items ? notes(schema.items, root, around) : []), ...variants];
};
const variant = (schema, root) => {
  const { kind, data } = schema.properties;
  return data ? [make("p", "With kind ", make("code", kind.const), ", data is"), make("pre", shape(data, root))] : [];
};
/* What is JSON needs no word about it; an answer may have no body. */
const body = (title, content, root) => {
  const kinds = Object.entries(content ?? {}).flatMap(([type, { schema }]) => {
    const named = type === "application/json" ? [] : [" ", make("i", type)];
    return [make("h3", title, ...named), ...(schema ? [make("pre", shape(schema, root)), ...notes(schema, root)] : [])];
  });
  return kinds.length ? kinds : [make("h3", title)];
};
const parameters = (operation, root) => {
  const list = make("dl");
  for (const one of operation.parameters) {
    const value = "default" in one.schema ? `, default ${one.schema.default}` : "";
    list.append(make("dt", make("code", one.name)), make("dd", ...words(one.description), " ", make("i", `${one.in}, ${shape(one.schema, root)}${value}`)));
  }
  return operation.parameters.length ? [make("h3", "Parameters"), list] : [];
};
/* Answers with one and the same body stand together. */
const answers = (operation, root) => {
  const groups = new Map();
  for (const [status, answer] of Object.entries(operation.responses)) {
    const key = JSON.stringify(answer.content);
    groups.set(key, [...(groups.get(key) ?? []), [status, answer]]);
  }
  return [...groups.values()].flatMap((group) =>
    body(group.map(([status, answer]) => `${status} ${answer.description}`).join(" · "), group[0][1].content, root));
};
const entry = (method, path, operation, root) => {
  const inside = make("div", ...parameters(operation, root),
    ...(operation.requestBody ? body("Body", operation.requestBody.content, root) : []), ...answers(operation, root));
  const shown = make("details", make("summary", make("b", method.toUpperCase()), make("code", path), make("span", operation.summary)), inside);
  shown.id = operation.operationId;
  shown.open = location.hash === `#${shown.id}`;
  return shown;
};
fetch("openapi.json").then((answer) => answer.json()).then((root) => {
  const sections = new Map();
  for (const [path, methods] of Object.entries(root.paths))
    for (const [method, operation] of Object.entries(methods)) {
      const [tag] = operation.tags;
      if (!sections.has(tag)) sections.set(tag, make("section", make("h2", tag)));
      sections.get(tag).append(entry(method, path, operation, root));
    }
  document.getElementById("routes").replaceChildren(...sections.values());
}).catch((error) => { document.getElementById("routes").textContent = `The document could not be read: ${error}`; });
</script>
"""
