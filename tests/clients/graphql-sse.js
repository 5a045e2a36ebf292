// graphql-sse in its distinct connections mode: one request, one stream.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { createClient } from "graphql-sse";

import { arcs, check, key, rename, url, wire, within } from "./checks.js";
import { FOLLOW, arcEvents, losesNothing } from "./kills.js";

const connect = (options = {}) =>
  createClient({ url, headers: { authorization: `Bearer ${key}` }, retryAttempts: 0, ...options });

const client = connect();
const { id } = (await arcs())[4];

await check("query", async () => {
  const [result, ...more] = await Array.fromAsync(client.iterate({ query: "{ viewer { email } }" }));
  assert.equal(result.data.viewer.email, "developer@localhost");
  assert.deepEqual(more, []);
  return `${wire[0].accept} -> ${wire[0].type}`;
});

for (const [query, code] of [
  [`{ session(id: "not-there") { id } }`, "NOT_FOUND"],
  ["{ nothing }", "GRAPHQL_VALIDATION_FAILED"],
  ["{ viewer", "GRAPHQL_PARSE_FAILED"],
  [`subscription { subSessionEvents(after: "not-a-cursor") { cursor } }`, "BAD_USER_INPUT"],
])
  await check(`errors arrive with their codes: ${code}`, async () => {
    const [{ errors }] = await Array.fromAsync(client.iterate({ query }));
    assert.equal(errors[0].extensions.code, code);
  });

await check("a subscription goes on after its cursor", async () => {
  const first = await next(client.iterate({ query: FOLLOW }));
  assert(first.resync);
  await rename(id, "Told to nobody");
  const stream = client.iterate({ query: FOLLOW, variables: { after: first.cursor } });
  assert.equal((await stream.next()).value.data.subSessionEvents.data.title, "Told to nobody");
  await rename(id, "Told as it happens");
  assert.equal((await next(stream)).data.title, "Told as it happens");
});

await check("an aborted subscription ends, and others go on", async () => {
  const [left, kept] = [connect(), connect()];
  const [leaving, staying] = [left, kept].map((each) => each.iterate({ query: FOLLOW }));
  await Promise.all([leaving.next(), staying.next()]);
  left.dispose();
  assert.equal((await within(1000, leaving.next())).done, true);
  await rename(id, "Told to who stayed");
  assert.equal((await next(staying)).data.title, "Told to who stayed");
});

await check("over kills of the server no event is lost or doubled", () => {
  const retrying = { retryAttempts: Infinity, retry: () => sleep(100) };
  const subscribe = (request, next) => connect(retrying).subscribe(request, { next, error() {}, complete() {} });
  return losesNothing(subscribe, arcEvents(id), { texts: 20, kills: [5, 12] });
});

/** The next event of a stream, which is then left. */
async function next(stream) {
  const { value } = await stream.next();
  await stream.return();
  return value.data.subSessionEvents;
}

process.exit();
