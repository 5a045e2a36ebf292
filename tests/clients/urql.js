// urql: document cache, WebSocket, subscriptions over plain HTTP, persisted queries.

import assert from "node:assert/strict";

import { cacheExchange, createClient, fetchExchange, gql } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";

import { arcs, check, documentsSent, key, plainJson, rename, url, wire, within } from "./checks.js";
import { urqlClient } from "./recipes/urql.js";

const ARC = gql`
  query Arc($id: ID!) { subSession(id: $id) { id title } }
`;
const RENAME = gql`
  mutation Rename($input: RenameSubSessionInput!) {
    renameSubSession(input: $input) { subSession { id title } }
  }
`;
const FOLLOW = gql`
  subscription Follow($after: String) {
    subSessionEvents(after: $after) { cursor resync subSession { id title } }
  }
`;

const client = urqlClient(url, key);
const fetchOptions = { headers: { authorization: `Bearer ${key}` } };
const { id } = (await arcs())[2];

const title = async (from = client) => {
  const { data, error } = await from.query(ARC, { id });
  if (error) throw error;
  return data.subSession.title;
};

await check("a query is asked once, then cached", async () => {
  assert.equal(await title(), await title());
  assert.equal(wire.length, 1);
});

await check("a mutation makes the cache ask again", async () => {
  await client.mutation(RENAME, { input: { id, title: "Renamed by urql" } });
  assert.equal(await title(), "Renamed by urql");
  assert.equal(wire.length, 3);
});

await check("errors arrive with their codes", async () => {
  const { data, error } = await client.query(ARC, { id: "not-there" });
  assert.equal(data.subSession, null);
  assert.equal(error.graphQLErrors[0].extensions.code, "BAD_USER_INPUT");
});

await check("ordinary queries are answered as JSON", () => plainJson());

await check("queries by GET", async () => {
  wire.length = 0;
  await title(createClient({ url, fetchOptions, preferGetMethod: "force", exchanges: [fetchExchange] }));
  assert.equal(wire[0].method, "GET");
  return plainJson();
});

/** That a stream begins with a resync and then tells of a rename; leaves in the end. */
async function follows(follower, title) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const { unsubscribe } = follower.subscription(FOLLOW, {}).subscribe(({ data, error }) => {
    if (error) reject(error);
    else if (data.subSessionEvents.resync) rename(id, title).catch(reject);
    else resolve(data.subSessionEvents.subSession);
  });
  const told = await within(15_000, promise).finally(unsubscribe);
  assert.equal(told.id, id);
  assert.equal(told.title, title);
}

/** That a client is told why a stream cannot begin. */
async function refuses(follower) {
  const { promise, resolve } = Promise.withResolvers();
  const { unsubscribe } = follower.subscription(FOLLOW, { after: "not-a-cursor" }).subscribe(resolve);
  const { error } = await within(5000, promise).finally(unsubscribe);
  assert.equal(error.graphQLErrors[0]?.extensions.code, "BAD_USER_INPUT", error.message);
}

await check("subscription over WebSocket", async () => {
  await follows(client, "Told to urql over a WebSocket");
  await refuses(client);
});

for (const accept of [undefined, "text/event-stream", "multipart/mixed"])
  await check(`subscription over fetch, asking for ${accept ?? "what urql asks for"}`, async () => {
    wire.length = 0;
    const headers = { ...fetchOptions.headers, ...(accept && { accept }) };
    const options = { url, fetchOptions: { headers }, fetchSubscriptions: true };
    const follower = createClient({ ...options, exchanges: [cacheExchange, fetchExchange] });
    await follows(follower, `Told as ${accept}`);
    await refuses(follower);
    return `${wire[0].accept} -> ${wire[0].type}`;
  });

await check("automatic persisted queries", async () => {
  wire.length = 0;
  const exchanges = [persistedExchange({ preferGetForPersistedQueries: true }), fetchExchange];
  const persisting = createClient({ url, fetchOptions, exchanges });
  const query = gql`query Fresh${crypto.randomUUID().replaceAll("-", "")} { viewer { email } }`;
  for (const _ of [1, 2]) {
    const { data, error } = await persisting.query(query, {}, { requestPolicy: "network-only" });
    if (error) throw error;
    assert.equal(data.viewer.email, "developer@localhost");
  }
  const sent = documentsSent();
  assert.deepEqual(sent, ["GET hash", "GET text", "GET hash"]);
  return `${sent.join(", ")}; ${plainJson()}`;
});

process.exit();
