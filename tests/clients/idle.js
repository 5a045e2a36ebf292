// Streams on which nothing happens for a while: what the server sends to keep them open must not disturb a client.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { ApolloClient, HttpLink, InMemoryCache } from "@apollo/client";
import { createClient as createUrql, fetchExchange } from "@urql/core";
import { createClient as createSse } from "graphql-sse";
import { createClient as createSocket } from "graphql-ws";

import { FOLLOW } from "./apollo/documents.js";
import { arcs, check, key, rename, url } from "./checks.js";

const QUIET_MS = 11_000; // the server says something every ten seconds

const headers = { authorization: `Bearer ${key}` };
const query = FOLLOW.loc.source.body;

/** Each begins to follow and hands on what it hears, be it an event or an error. */
const followers = {
  "Apollo, multipart": (hear) => {
    const client = new ApolloClient({ link: new HttpLink({ uri: url, headers }), cache: new InMemoryCache() });
    client.subscribe({ query: FOLLOW, fetchPolicy: "no-cache" }).subscribe({ next: hear, error: hear, complete: hear });
  },
  "urql, server-sent events": (hear) => {
    const options = { url, fetchOptions: { headers }, fetchSubscriptions: true, exchanges: [fetchExchange] };
    createUrql(options).subscription(FOLLOW, {}).subscribe(hear);
  },
  "graphql-sse": (hear) =>
    createSse({ url, headers, retryAttempts: 0 }).subscribe({ query }, { next: hear, error: hear, complete: hear }),
  "graphql-ws": (hear) =>
    createSocket({ url: url.replace(/^http/, "ws"), connectionParams: { apiKey: key }, shouldRetry: () => false })
      .subscribe({ query }, { next: hear, error: hear, complete: hear }),
};

const heard = Object.entries(followers).map(([name, follow]) => {
  const told = [];
  follow((what) => told.push(what));
  return [name, told];
});

await sleep(QUIET_MS);
const [{ id }] = await arcs();
await rename(id, "After a silence");

for (const [name, told] of heard)
  await check(name, async () => {
    while (told.length < 2) await sleep(20);
    assert.deepEqual(told.filter(({ error }) => error), []);
    const titles = told.map(({ data }) => data.subSessionEvents.subSession?.title);
    assert.deepEqual(titles, [undefined, "After a silence"]);
  });

process.exit();
