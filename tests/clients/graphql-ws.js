// graphql-ws: operations over one socket, and a stream that goes on over `kill -9` of the server.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { createClient } from "graphql-ws";

import { arcs, check, key, url, within } from "./checks.js";
import { arcEvents, losesNothing, sessionEvents, tellsTheScore } from "./kills.js";

const connect = (options = {}) =>
  createClient({
    url: url.replace(/^http/, "ws"),
    connectionParams: { apiKey: key },
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: () => sleep(100),
    ...options,
  });

/** The results of an operation that ends by itself. */
async function results(client, query, variables) {
  return Array.fromAsync(client.iterate({ query, variables }));
}

const client = connect();
const { id } = (await arcs())[3];

await check("query and mutation", async () => {
  const [{ data }] = await results(client, "{ viewer { email } }");
  assert.equal(data.viewer.email, "developer@localhost");
  const mutation = `mutation ($input: RenameSubSessionInput!) { renameSubSession(input: $input) { subSession { title } } }`;
  const [renamed] = await results(client, mutation, { input: { id, title: "Renamed over a socket" } });
  assert.equal(renamed.data.renameSubSession.subSession.title, "Renamed over a socket");
});

await check("an operation that is wrong ends, and the socket goes on", async () => {
  const opened = [];
  const sturdy = connect({ lazyCloseTimeout: 5000, on: { connected: () => opened.push(1) } });
  await results(sturdy, "{ viewer { email } }");
  for (const query of ["{ viewer", "{ nothing }", "query A { viewer { email } } query B { viewer { email } }"])
    await assert.rejects(results(sturdy, query), (errors) => Boolean(errors[0].extensions.code));
  await results(sturdy, "{ viewer { email } }");
  await sturdy.dispose();
  assert.equal(opened.length, 1);
});

await check("a key that is not good closes the socket", async () => {
  const stranger = connect({ connectionParams: { apiKey: "gck_wrong" }, shouldRetry: () => false });
  await assert.rejects(results(stranger, "{ viewer { email } }"), { code: 4403 });
});

await check("pings are answered", async () => {
  const { promise, resolve } = Promise.withResolvers();
  const pinging = connect({ keepAlive: 50, lazyCloseTimeout: 5000, on: { pong: (received) => received && resolve() } });
  await results(pinging, "{ viewer { email } }");
  await within(2000, promise);
  await pinging.dispose();
});

const subscribe = (request, next) => connect().subscribe(request, { next, error() {}, complete() {} });

await check("over kills of the server no event of an arc is lost or doubled", () =>
  losesNothing(subscribe, arcEvents(id), { texts: 40, kills: [9, 19, 29] }),
);

await check("over kills of the server no event of a session is lost or doubled", async () => {
  const stream = sessionEvents(crypto.randomUUID());
  await stream.cause("so that the session is there");
  return losesNothing(subscribe, stream, { texts: 30, kills: [7, 17] });
});

await check("over kills of the server the score is told as it is", () =>
  tellsTheScore(subscribe, { goals: 4, kills: [1, 2] }),
);

await client.dispose();
process.exit();
