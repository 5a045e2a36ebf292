// Apollo Client 4: split link, cache, both ways of subscribing, persisted queries.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";

import { ARCS, FOLLOW, RENAME } from "./apollo/documents.js";
import { arcs, ask, check, documentsSent, key, plainJson, rename, url, wire, within } from "./checks.js";
import { killServer } from "./kills.js";
import { apolloClient } from "./recipes/apollo.js";

const client = apolloClient(url, key);
const [arc, other] = await arcs();

await check("query", async () => {
  const { data } = await client.query({ query: ARCS, variables: { first: 3 } });
  assert.equal(data.subSessions.edges.length, 3);
});

await check("ordinary queries are answered as JSON", () => plainJson());

await check("pages merge in the cache", async () => {
  const list = client.watchQuery({ query: ARCS, variables: { first: 3 } });
  const follower = list.subscribe({});
  let { pageInfo } = list.getCurrentResult().data.subSessions;
  while (pageInfo.hasNextPage)
    ({ pageInfo } = (await list.fetchMore({ variables: { after: pageInfo.endCursor } })).data.subSessions);
  follower.unsubscribe();
  const shown = list.getCurrentResult().data.subSessions.edges.map(({ node }) => node.id);
  assert.deepEqual(shown, (await arcs()).map(({ id }) => id));
  return `${shown.length} arcs in pages of 3`;
});

await check("a mutation changes what is cached", async () => {
  await client.mutate({ mutation: RENAME, variables: { input: { id: arc.id, title: "Renamed by Apollo" } } });
  const { data } = await client.query({ query: ARCS, variables: { first: 3 }, fetchPolicy: "cache-only" });
  assert.equal(data.subSessions.edges[0].node.title, "Renamed by Apollo");
});

await check("what a mutation refuses is data", async () => {
  const variables = { input: { id: arc.id, title: "x".repeat(61) } };
  const { data } = await client.mutate({ mutation: RENAME, variables });
  const { subSession, userErrors } = data.renameSubSession;
  assert.equal(subSession, null);
  assert.deepEqual(userErrors.map(({ field, code }) => ({ field, code })), [{ field: ["title"], code: "TOO_LONG" }]);
});

await check("the interfaces that the cache knows are those of the schema", async () => {
  const query = `{ __schema { types { kind name possibleTypes { name } } } }`;
  const interfaces = (await ask(query)).__schema.types.filter(({ kind }) => kind === "INTERFACE");
  for (const { name, possibleTypes } of interfaces)
    for (const { name: __typename } of possibleTypes)
      assert(client.cache.policies.fragmentMatches({ typeCondition: { name: { value: name } } }, __typename), __typename);
  return interfaces.map(({ name }) => name).join(", ");
});

await check("errors arrive with their codes, and the rest of the data", async () => {
  const query = gql`query Missing { viewer { email } session(id: "not-there") { id } }`;
  const { data, error } = await client.query({ query, errorPolicy: "all" });
  assert(CombinedGraphQLErrors.is(error));
  assert.equal(error.errors[0].extensions.code, "NOT_FOUND");
  assert.equal(data.viewer.email, "developer@localhost");
  const wrong = client.query({ query: gql`query Wrong { nothing }` });
  await assert.rejects(wrong, (error) => error.errors[0].extensions.code === "GRAPHQL_VALIDATION_FAILED");
});

const firstOf = (stream) => new Promise((next, error) => stream.subscribe({ next, error }));

/** The event that tells of a rename made once the stream stands. */
async function followed(follower, id, title) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const subscription = follower.subscribe({ query: FOLLOW, fetchPolicy: "no-cache" }).subscribe({
    error: reject,
    complete: () => reject(new Error("the stream ended")),
    next: ({ data, error }) => {
      if (error) reject(error);
      else if (data.subSessionEvents.resync) rename(id, title).catch(reject);
      else resolve(data.subSessionEvents);
    },
  });
  const event = await within(15_000, promise).finally(() => subscription.unsubscribe());
  assert.deepEqual(event.subSession, { __typename: "SubSession", id, title });
}

await check("subscription over WebSocket, through the split link", () =>
  followed(client, other.id, "Told over a WebSocket"),
);

const headers = { authorization: `Bearer ${key}` };
const inParts = new ApolloClient({ link: new HttpLink({ uri: url, headers }), cache: new InMemoryCache() });

await check("subscription as multipart over HttpLink", async () => {
  wire.length = 0;
  await followed(inParts, other.id, "Told in parts");
  return wire[0].type;
});

await check("after a kill of the server the stream comes back, with a resync", async () => {
  const { promise, resolve } = Promise.withResolvers();
  const events = [];
  const subscription = client.subscribe({ query: FOLLOW, fetchPolicy: "no-cache" }).subscribe(({ data }) => {
    events.push(data.subSessionEvents.resync);
    if (events.length === 1) killServer();
    else resolve();
  });
  await within(15_000, promise).finally(() => subscription.unsubscribe());
  assert.deepEqual(events, [true, true]);
});

await check("why a subscription cannot begin is told, over either", async () => {
  for (const follower of [client, inParts]) {
    const options = { query: FOLLOW, variables: { after: "not-a-cursor" } };
    const { error } = await within(5000, firstOf(follower.subscribe(options)));
    assert.equal(error.errors[0].extensions.code, "BAD_USER_INPUT");
  }
});

await check("automatic persisted queries, by POST and by GET", async () => {
  const sha256 = (text) => createHash("sha256").update(text).digest("hex");
  const query = gql`query Fresh${sha256(String(Math.random()))} { viewer { email } }`;
  wire.length = 0;
  for (const useGETForHashedQueries of [false, true]) {
    const persisted = new PersistedQueryLink({ sha256, useGETForHashedQueries });
    const link = persisted.concat(new HttpLink({ uri: url, headers }));
    const fresh = new ApolloClient({ link, cache: new InMemoryCache() });
    await fresh.query({ query, fetchPolicy: "network-only" });
    await fresh.query({ query, fetchPolicy: "network-only" });
  }
  const sent = documentsSent();
  assert.deepEqual(sent, ["POST hash", "POST text", "POST hash", "GET hash", "GET hash"]);
  return `${sent.join(", ")}; ${plainJson()}`;
});

await check("a client that could take deferred answers gets plain ones", async () => {
  wire.length = 0;
  const accept = "multipart/mixed;deferSpec=20220824,application/json";
  const link = new HttpLink({ uri: url, headers: { ...headers, accept } });
  await new ApolloClient({ link, cache: new InMemoryCache() }).query({ query: ARCS, variables: { first: 1 } });
  return plainJson();
});

client.stop();
process.exit();
