// What every client's file begins with: where the server is, one line per check, and what went over the wire.

export const { URL: url, KEY: key, PID_FILE: pidFile } = process.env;

const PATIENCE_MS = 40_000;

/** Runs one check and prints one line. What it returns is shown behind its name; any failure makes the exit code 1. */
export async function check(name, run) {
  try {
    const told = await within(PATIENCE_MS, run());
    console.log(`  ok    ${name}${told ? `: ${told}` : ""}`);
  } catch (error) {
    process.exitCode = 1;
    console.log(`  FAIL  ${name}: ${error.message?.trim().replaceAll(/\s*\n\s*/g, " | ").slice(0, 500)}`);
  }
}

/** The value of a promise, or an error when it takes longer than it may. */
export function within(ms, promise) {
  const { promise: late, reject } = Promise.withResolvers();
  const timer = setTimeout(() => reject(new Error(`nothing came within ${ms} ms`)), ms);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Every exchange over HTTP since the last `wire.length = 0`, whichever client made it. */
export const wire = [];

const exchange = globalThis.fetch;
globalThis.fetch = async (input, init = {}) => {
  const answer = await exchange(input, init);
  wire.push({
    url: String(input),
    method: init.method ?? "GET",
    accept: new Headers(init.headers).get("accept") ?? "*/*",
    body: init.body,
    status: answer.status,
    type: answer.headers.get("content-type"),
  });
  return answer;
};

/** That ordinary queries were answered as plain JSON; tells how. */
export function plainJson(exchanges = wire) {
  const types = new Set(exchanges.map(({ method, type }) => `${method} -> ${type}`));
  const strange = exchanges.filter(({ type }) => !/^application\/(graphql-response\+)?json\b/.test(type));
  if (!exchanges.length || strange.length) throw new Error(`not plain JSON: ${JSON.stringify(strange)}`);
  return [...types].join(", ");
}

/** How each exchange named its document: by its text or by a hash. */
export function documentsSent() {
  return wire.map(({ url, method, body }) => {
    const { query } = body ? JSON.parse(body) : Object.fromEntries(new globalThis.URL(url).searchParams);
    return `${method} ${query ? "text" : "hash"}`;
  });
}

/** The answer to a query without any client, for what a check needs beside the one it looks at. */
export async function ask(query, variables = {}) {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const answer = await exchange(url, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** The arcs of the sample, newest first. */
export async function arcs() {
  return (await ask("{ subSessions(first: 100) { nodes { id title } } }")).subSessions.nodes;
}

/** Gives an arc a new name, which whoever follows must hear of. */
export async function rename(id, title) {
  const { renameSubSession } = await ask(
    `mutation ($input: RenameSubSessionInput!) { renameSubSession(input: $input) { userErrors { code message } } }`,
    { input: { id, title } },
  );
  if (renameSubSession.userErrors.length) throw new Error(JSON.stringify(renameSubSession.userErrors));
}

/** Stores events, which whoever follows their session must hear of; those that are known change nothing. */
export async function send(events) {
  const { ingestEvents } = await ask(
    `mutation ($input: IngestEventsInput!) { ingestEvents(input: $input) { userErrors { field code message } } }`,
    { input: { events } },
  );
  if (ingestEvents.userErrors.length) throw new Error(JSON.stringify(ingestEvents.userErrors));
}
