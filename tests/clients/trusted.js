// A server that answers only documents that were registered, and clients that ask for them by their ids.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { generatePersistedQueryIdsFromManifest } from "@apollo/persisted-query-lists";
import { createClient } from "graphql-ws";
import relay from "relay-runtime";

import { ARCS } from "./apollo/documents.js";
import { buildApollo, buildRelay, buildTypes } from "./builds.js";
import { arcs, ask, check, key, plainJson, wire } from "./checks.js";

const { TRUSTED_URL: url, PYTHON, REPOSITORY } = process.env;
const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
const built = [buildRelay(), buildTypes(), buildApollo()];
const [{ documents }] = built;

await check("the manifests of Relay, graphql-codegen and Apollo are taken", async () => {
  const files = built.map(({ manifest }) => `tests/clients/${manifest}`);
  const options = ["-m", "server", "documents", "add", "--json", ...files];
  const told = JSON.parse(execFileSync(PYTHON, options, { cwd: REPOSITORY, stdio: "pipe" }));
  assert.deepEqual(told.errors, []);
  return `${told.added.length} documents`;
});

/** What the server answers to a body. */
async function post(body) {
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  return answer.json();
}

const titles = (await arcs()).map(({ title }) => title);
const { sessions } = await ask("{ sessions(first: 1) { nodes { id } } }");

await check("Relay asks by id", async () => {
  const fetchQuery = ({ id }, variables) => post({ documentId: id, variables });
  const network = relay.Network.create(fetchQuery);
  const environment = new relay.Environment({ network, store: new relay.Store(new relay.RecordSource()) });
  const [{ id }] = sessions.nodes;
  const { node } = await relay.fetchQuery(environment, documents.sessionQuery, { id }).toPromise();
  assert(node.documents_timeline);
});

await check("documents of graphql-codegen are asked for by id", async () => {
  const { ArcsDocument } = await import("./codegen/src/__generated__/graphql.ts");
  const { data } = await post({ documentId: ArcsDocument.__meta__.hash, variables: { first: 2 } });
  assert.equal(data.subSessions.nodes.length, 2);
});

const loadManifest = () => JSON.parse(readFileSync("apollo/__generated__/manifest.json", "utf8"));
const byId = new PersistedQueryLink(generatePersistedQueryIdsFromManifest({ loadManifest }));
const apollo = new ApolloClient({ link: byId.concat(new HttpLink({ uri: url, headers })), cache: new InMemoryCache() });

await check("Apollo asks by id", async () => {
  wire.length = 0;
  const { data } = await apollo.query({ query: ARCS, variables: { first: 2 } });
  assert.deepEqual(data.subSessions.edges.map(({ node }) => node.title), titles.slice(0, 2));
  assert.deepEqual(wire.map(({ body }) => Boolean(JSON.parse(body).query)), [false]);
  return plainJson();
});

await check("a subscription by id over a WebSocket, another one refused", async () => {
  const connectionParams = { apiKey: key };
  const socket = createClient({ url: url.replace(/^http/, "ws"), connectionParams, shouldRetry: () => false });
  const { id } = loadManifest().operations.find(({ type }) => type === "subscription");
  const stream = socket.iterate({ query: "", documentId: id });
  assert((await stream.next()).value.data.subSessionEvents.resync);
  await stream.return();
  const refused = Array.fromAsync(socket.iterate({ query: "subscription { subSessionEvents { cursor } }" }));
  await assert.rejects(refused, ([{ extensions }]) => extensions.code === "DOCUMENT_NOT_TRUSTED");
});

await check("anything else is refused", async () => {
  const { errors } = await post({ query: "{ viewer { email } }" });
  assert.equal(errors[0].extensions.code, "DOCUMENT_NOT_TRUSTED");
  const client = new ApolloClient({ link: new HttpLink({ uri: url, headers }), cache: new InMemoryCache() });
  const other = client.query({ query: gql`query Other { viewer { email } }` });
  await assert.rejects(other, (error) => CombinedGraphQLErrors.is(error));
});

process.exit();
