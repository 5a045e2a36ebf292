// Relay: the compiler reads our schema, the runtime pages, refetches, renames and follows.

import assert from "node:assert/strict";

import relay from "relay-runtime";

import { buildRelay } from "./builds.js";
import { arcs, ask, check, key, plainJson, rename, url, within } from "./checks.js";
import { relayEnvironment } from "./recipes/relay.js";

const environment = relayEnvironment(url, key);
const [newest, ...older] = await arcs();
let documents;

await check("the compiler takes the schema and the documents", async () => {
  const { told, ...built } = buildRelay();
  ({ documents } = built);
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

const ENDS = { forward: ["hasNextPage", "endCursor"], backward: ["hasPreviousPage", "startCursor"] };

/** Loads one page more, as `loadNext` and `loadPrevious` of `usePaginationFragment` do; false when there is none. */
async function loadMore(direction, fragment, reference, count) {
  const { connectionPathInFragmentData: path, paginationRequest, paginationMetadata, identifierField } =
    relay.getPaginationMetadata(fragment, "test");
  const data = read(fragment, reference);
  const { pageInfo } = relay.getValueAtPath(data, path);
  const [more, cursor] = ENDS[direction];
  if (!pageInfo[more]) return false;
  const selector = relay.getSelector(fragment, reference);
  const base = { ...selector.owner.variables, ...selector.variables };
  const page = relay.getPaginationVariables(direction, count, pageInfo[cursor], base, {}, paginationMetadata);
  await load(paginationRequest, identifierField ? { ...page, id: data[identifierField] } : page);
  return true;
}

/** The ids of a connection once all of its pages are there. */
async function wholeList(direction, fragment, reference, count) {
  while (await loadMore(direction, fragment, reference, count));
  const { connectionPathInFragmentData: path } = relay.getPaginationMetadata(fragment, "test");
  return relay.getValueAtPath(read(fragment, reference), path).edges.map(({ node }) => node.id);
}

await check("a connection at the root, page by page", async () => {
  const ids = await wholeList("forward", documents.arcs, await load(documents.arcsQuery, {}), 3);
  assert.deepEqual(ids, [newest, ...older].map(({ id }) => id));
  return `${ids.length} arcs`;
});

const session = (await ask("{ sessions(first: 1) { nodes { id eventCount prompts { nodes { id } } } } }")).sessions.nodes[0];
const node = async () => (await load(documents.sessionQuery, { id: session.id })).node;

await check("a connection of a node, page by page", async () => {
  const ids = await wholeList("forward", documents.timeline, (await node()).documents_timeline, 7);
  assert.equal(new Set(ids).size, session.eventCount);
  return `${ids.length} events`;
});

await check("a connection from its end, page by page backwards", async () => {
  const ids = await wholeList("backward", documents.prompts, (await node()).documents_prompts, 1);
  assert.deepEqual(ids, session.prompts.nodes.map(({ id }) => id));
  return `${ids.length} prompts`;
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

await check("why a subscription cannot begin is told", async () => {
  const request = { subscription: documents.follow, variables: { after: "not-a-cursor" } };
  const told = new Promise((resolve) =>
    relay.requestSubscription(environment, { ...request, onNext: resolve, onCompleted: resolve, onError: resolve }),
  );
  assert.match(JSON.stringify(await within(5000, told)), /BAD_USER_INPUT/);
});

await check("ordinary queries are answered as JSON", () => plainJson());

process.exit();
