// graphql-ws: operations over one socket, and a stream that goes on over `kill -9` of the server.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { createClient } from "graphql-ws";

import { arcs, check, key, pidFile, rename, url, within } from "./checks.js";

const FOLLOW = `subscription Follow($after: String) { subSessionEvents(after: $after) { cursor resync data } }`;

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

await check("over three kills of the server no event is lost or doubled", async () => {
  const seen = [];
  const stream = follow(seen);
  await until(() => seen.length);
  const titles = Array.from({ length: 40 }, (_, at) => `Name ${at}`);
  for (const [at, title] of titles.entries()) {
    const kill = at % 10 === 9 && at < 39;
    await Promise.all([keepRenaming(title), kill && killServer()]);
  }
  await until(() => seen.at(-1).data?.title === titles.at(-1));
  await stream.dispose();

  const replayed = [];
  const replay = follow(replayed, seen[0].cursor);
  await until(() => replayed.at(-1)?.data.title === titles.at(-1));
  await replay.dispose();

  const [first, ...rest] = seen;
  assert(first.resync && !rest.some(({ resync }) => resync), "resync comes first, and only then");
  assert.deepEqual(rest, replayed, "live and replayed are the same");
  assert.equal(new Set(rest.map(({ cursor }) => cursor)).size, rest.length, "each event comes once");
  assert.deepEqual([...new Set(rest.map(({ data }) => data.title))], titles, "every name was told, in order");
  return `${rest.length} events, 3 kills`;
});

/** A client that collects events into `seen`, going on after the last of them at each connection. */
function follow(seen, from = null) {
  const follower = connect();
  const variables = { get after() { return seen.at(-1)?.cursor ?? from; } };
  const next = ({ data }) => seen.push(data.subSessionEvents);
  follower.subscribe({ query: FOLLOW, variables }, { next, error: (error) => seen.push({ error }), complete() {} });
  return follower;
}

async function killServer() {
  process.kill(Number(await readFile(pidFile, "utf8")), "SIGKILL");
}

/** Asks until it is acknowledged: meanwhile the server may be down. */
async function keepRenaming(title) {
  while (!(await rename(id, title).then(() => true, () => false))) await sleep(100);
}

async function until(condition) {
  while (!condition()) await sleep(20);
}

await client.dispose();
process.exit();
