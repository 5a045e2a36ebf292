// Relay: the compiler reads our schema, the runtime pages, refetches, renames and follows.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

import { transformSync } from "@babel/core";
import relay from "relay-runtime";

import { arcs, ask, check, key, plainJson, rename, url, within } from "./checks.js";
import { relayEnvironment } from "./recipes/relay.js";

const environment = relayEnvironment(url, key);
const [newest, ...older] = await arcs();
const generated = "relay/__generated__";
let documents;

await check("the compiler takes the schema and the documents", async () => {
  mkdirSync(generated, { recursive: true });
  const told = execFileSync("node_modules/.bin/relay-compiler", { encoding: "utf8", stdio: "pipe" });
  const file = `${generated}/documents.js`;
  const { code } = transformSync(readFileSync("relay/documents.js", "utf8"), { plugins: ["relay"], filename: file });
  writeFileSync(file, code);
  documents = createRequire(import.meta.url)(`./${file}`);
  return told.match(/\d+ reader, \d+ normalization, \d+ operation text/)?.[0];
});

/** The reference to what an operation answers, kept in the store. */
async function load(query, variables) {
  await relay.fetchQuery(environment, query, variables).toPromise();
  const operation = relay.createOperationDescriptor(relay.getRequest(query), variables);
  environment.retain(operation);
  return environment.lookup(operation.fragment).data;
}

/** What a fragment shows of a reference, as `useFragment` would read it. */
function read(fragment, reference) {
  const { data, isMissingData } = environment.lookup(relay.getSelector(fragment, reference));
  assert(!isMissingData, "everything that a fragment asks for is in the store");
  return data;
}

/** Loads the next page, as `loadNext` of `usePaginationFragment` does; false when there is none. */
async function loadNext(fragment, reference, count) {
  const { connectionPathInFragmentData: path, paginationRequest, paginationMetadata, identifierField } =
    relay.getPaginationMetadata(fragment, "test");
  const data = read(fragment, reference);
  const { pageInfo } = relay.getValueAtPath(data, path);
  if (!pageInfo.hasNextPage) return false;
  const selector = relay.getSelector(fragment, reference);
  const base = { ...selector.owner.variables, ...selector.variables };
  const page = relay.getPaginationVariables("forward", count, pageInfo.endCursor, base, {}, paginationMetadata);
  await load(paginationRequest, identifierField ? { ...page, id: data[identifierField] } : page);
  return true;
}

/** The nodes of a connection once all of its pages are there. */
async function wholeList(fragment, reference, count) {
  while (await loadNext(fragment, reference, count));
  const { connectionPathInFragmentData: path } = relay.getPaginationMetadata(fragment, "test");
  return relay.getValueAtPath(read(fragment, reference), path).edges.map(({ node }) => node);
}

await check("a connection at the root, page by page", async () => {
  const nodes = await wholeList(documents.arcs, await load(documents.arcsQuery, {}), 3);
  assert.deepEqual(nodes.map(({ id }) => id), [newest, ...older].map(({ id }) => id));
  assert.equal(read(documents.arc, nodes[1]).title, older[0].title);
  return `${nodes.length} arcs`;
});

await check("a connection of a node, page by page", async () => {
  const { sessions } = await ask("{ sessions(first: 1) { nodes { id eventCount } } }");
  const [{ id, eventCount }] = sessions.nodes;
  const events = await wholeList(documents.timeline, (await load(documents.sessionQuery, { id })).node.documents_timeline, 7);
  assert.equal(new Set(events.map(({ id }) => id)).size, eventCount);
  return `${eventCount} events`;
});

await check("a fragment is refetched through node", async () => {
  await rename(newest.id, "Renamed behind Relay's back");
  const { refetchableRequest } = relay.getRefetchMetadata(documents.arc, "test");
  const { node } = await load(refetchableRequest, { id: newest.id });
  assert.equal(read(documents.arc, node).title, "Renamed behind Relay's back");
});

await check("a mutation changes what is in the store", async () => {
  const variables = { input: { id: newest.id, title: "Renamed by Relay" } };
  await new Promise((onCompleted, onError) =>
    relay.commitMutation(environment, { mutation: documents.rename, variables, onCompleted, onError }),
  );
  assert.equal(environment.getStore().getSource().get(newest.id).title, "Renamed by Relay");
});

await check("a subscription changes what is in the store", async () => {
  const { promise, resolve, reject } = Promise.withResolvers();
  const onNext = ({ subSessionEvents: { resync } }) =>
    resync ? rename(newest.id, "Told to Relay").catch(reject) : resolve();
  const request = { subscription: documents.follow, variables: {}, onNext, onError: reject };
  const { dispose } = relay.requestSubscription(environment, request);
  await within(15_000, promise).finally(dispose);
  assert.equal(environment.getStore().getSource().get(newest.id).title, "Told to Relay");
});

await check("ordinary queries are answered as JSON", () => plainJson());

process.exit();
