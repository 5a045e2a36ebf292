// graphql-sse in its distinct connections mode: one request, one stream.

import assert from "node:assert/strict";

import { createClient } from "graphql-sse";

import { arcs, check, key, rename, url, wire, within } from "./checks.js";

const FOLLOW = `subscription Follow($after: String) { subSessionEvents(after: $after) { cursor resync data } }`;

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

await check("errors arrive with their codes", async () => {
  const [{ errors }] = await Array.fromAsync(client.iterate({ query: `{ session(id: "not-there") { id } }` }));
  assert.equal(errors[0].extensions.code, "NOT_FOUND");
});

await check("a request that is wrong is told so", async () => {
  const answers = Array.fromAsync(client.iterate({ query: "{ nothing }" }));
  const told = await answers.then(([{ errors }]) => errors[0].extensions.code, (error) => error.message);
  return told;
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

/** The next event of a stream, which is then left. */
async function next(stream) {
  const { value } = await stream.next();
  await stream.return();
  return value.data.subSessionEvents;
}

process.exit();
