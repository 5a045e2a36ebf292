// graphql-codegen makes types of schema and documents, tsc --strict checks them, and what they promise is compared.

import assert from "node:assert/strict";

import { buildTypes, run } from "./builds.js";
import { arcs, check, key, url } from "./checks.js";

await check("graphql-codegen takes the schema and the documents", async () => {
  buildTypes();
  return run("graphql-codegen", ["--version"]).trim();
});

await check("tsc --strict takes what was generated, and refuses mistakes", async () => {
  run("tsc", ["-p", "codegen"]);
  return run("tsc", ["--version"]).trim();
});

await check("the typed operations run", async () => {
  const { operations } = await import("./codegen/src/operations.ts");
  const { scored, titleOf, rename } = operations(url, key);
  const [{ id, startedAt, tokens }] = await scored(2);
  assert.equal(typeof startedAt, "string");
  assert.equal(typeof tokens.total, "number");
  assert.equal((await rename(id, "Renamed with types")).title, "Renamed with types");
  assert.equal(await titleOf(id), "Renamed with types");
  assert((await arcs()).some((arc) => arc.id === id));
});
