// The audit suite of graphql-http: GraphQL over HTTP, as its authors check it.

import { auditServer } from "graphql-http";
import { buildClientSchema, buildSchema, getIntrospectionQuery, lexicographicSortSchema, printSchema } from "graphql";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { ask, check, key, url } from "./checks.js";

const fetchFn = (input, init = {}) =>
  fetch(input, { ...init, headers: { ...init.headers, authorization: `Bearer ${key}` } });

const results = await auditServer({ url, fetchFn });
for (const { id, name, status, reason, response } of results)
  await check(`${id} ${name}`, async () => {
    if (status !== "ok") throw new Error(`${status}: ${reason}; ${response.status} ${await response.clone().text()}`);
  });

await check("graphql-http", async () => {
  const passed = results.filter(({ status }) => status === "ok").length;
  assert.equal(passed, results.length);
  assert.equal(results.length, 61);
  return `${passed} of ${results.length} audits`;
});

await check("introspection gives the schema of schema/schema.graphql", async () => {
  const print = (schema) => printSchema(lexicographicSortSchema(schema));
  const file = await readFile("../../schema/schema.graphql", "utf8");
  const told = await ask(getIntrospectionQuery({ specifiedByUrl: true, inputValueDeprecation: true, oneOf: true }));
  assert.equal(print(buildClientSchema(told)), print(buildSchema(file)));
});
