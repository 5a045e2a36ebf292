// Apollo Client 4: split link, cache, both ways of subscribing, persisted queries.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";

import { arcs, check, key, plainJson, rename, url, wire, within } from "./checks.js";
import { apolloClient } from "./recipes/apollo.js";

const ARCS = gql`
  query Arcs($first: Int!, $after: String) {
    subSessions(first: $first, after: $after) {
      edges { cursor node { id title state } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`;
const RENAME = gql`
  mutation Rename($input: RenameSubSessionInput!) {
    renameSubSession(input: $input) { subSession { id title } }
  }
`;
const FOLLOW = gql`
  subscription Follow($after: String) {
    subSessionEvents(after: $after) { cursor resync change subSession { id title } }
  }
`;

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

await check("errors arrive with their codes, and the rest of the data", async () => {
  const query = gql`query Missing { viewer { email } session(id: "not-there") { id } }`;
  const { data, error } = await client.query({ query, errorPolicy: "all" });
  assert(CombinedGraphQLErrors.is(error));
  assert.equal(error.errors[0].extensions.code, "NOT_FOUND");
  assert.equal(data.viewer.email, "developer@localhost");
  const wrong = client.query({ query: gql`query Wrong { nothing }` });
  await assert.rejects(wrong, (error) => error.errors[0].extensions.code === "GRAPHQL_VALIDATION_FAILED");
});

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

await check("subscription as multipart over HttpLink", async () => {
  wire.length = 0;
  const link = new HttpLink({ uri: url, headers });
  await followed(new ApolloClient({ link, cache: new InMemoryCache() }), other.id, "Told in parts");
  return wire[0].type;
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
  const sent = wire.map(({ method, body }) => (JSON.parse(body ?? "{}").query ? "text" : `${method} hash`));
  assert.deepEqual(sent, ["POST hash", "text", "POST hash", "GET hash", "GET hash"]);
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
