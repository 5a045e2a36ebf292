// Kills the server while a client follows, and compares what it saw with what really happened.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { ask, pidFile, rename, send } from "./checks.js";

export const FOLLOW = `subscription Follow($after: String) { subSessionEvents(after: $after) { cursor resync data } }`;

/** What can be followed: how, what makes it tell of a text, and which text it tells of. */
export const arcEvents = (id) => ({
  query: FOLLOW,
  field: "subSessionEvents",
  cause: (text) => rename(id, text),
  text: ({ data }) => data?.title,
});

export const sessionEvents = (session) => ({
  query: `subscription ($session: ID!, $after: String) {
    timelineEvents(session: $session, after: $after) { cursor resync event { data } } }`,
  field: "timelineEvents",
  variables: { session },
  cause: repeatable((text) => [{ sessionId: session, kind: "PROMPT", data: { text } }]),
  text: ({ event }) => event?.data.text,
});

const SCORE = "score { from totalCount crushedCount prismScore }";

const scores = {
  query: `subscription ($after: String) { scoreChanged(window: MONTHLY, after: $after) { cursor resync ${SCORE} } }`,
  field: "scoreChanged",
  cause: repeatable((text) => [
    { sessionId: text, kind: "PROMPT", data: { text: `Fix the wrong rounding of totals in ${text}.py: 0.125 is 0.13.` } },
    { sessionId: text, kind: "FILE_DIFF", data: { path: `${text}.py`, linesAdded: 12 } },
    { sessionId: text, kind: "PROMPT", data: { text: "works, thanks" } },
    { sessionId: text, kind: "SESSION_END", data: {} },
  ]),
};

/** Sends the events of a text, with the same ids however often it has to. */
function repeatable(eventsOf) {
  const known = new Map();
  return (text) => {
    const told = () => eventsOf(text).map((event) => ({ ...event, rawId: crypto.randomUUID(), ts: new Date() }));
    if (!known.has(text)) known.set(text, told());
    return send(known.get(text));
  };
}

const killed = new Set([0]); // 0 would be our own process group

/** Kills it at once, or once it has come back from the kill before. */
export async function killServer() {
  const running = async () => Number(await readFile(pidFile, "utf8"));
  while (killed.has(await running())) await sleep(20);
  const pid = await running();
  killed.add(pid);
  process.kill(pid, "SIGKILL");
}

/** Makes a stream tell of a text, for as long as it takes: meanwhile the server may be down. */
export async function keepCausing({ cause }, text) {
  while (!(await cause(text).then(() => true, () => false))) await sleep(100);
}

/**
 * That a client which goes on after its last cursor loses and doubles nothing. `subscribe(request, next)` follows and
 * returns what ends it; `variables.after` of the request is to be read at each connection.
 */
export async function losesNothing(subscribe, stream, { texts: count, kills }) {
  const texts = someTexts(count);
  const { seen, end } = await followed(subscribe, stream);
  await causeAll(stream, texts, kills);
  await until(() => stream.text(seen.at(-1)) === texts.at(-1));
  end();

  const replay = await followed(subscribe, stream, seen[0].cursor);
  await until(() => stream.text(replay.seen.at(-1)) === texts.at(-1));
  replay.end();

  const [first, ...rest] = seen;
  assert(first.resync && !rest.some(({ resync }) => resync), "resync comes first, and only then");
  assert.deepEqual(rest, replay.seen, "live and replayed are the same");
  assert.equal(new Set(rest.map(({ cursor }) => cursor)).size, rest.length, "each event comes once");
  assert.deepEqual([...new Set(rest.map(stream.text))], texts, "every text was told, in order");
  return `${rest.length} events, ${kills.length} kills`;
}

/** That whoever follows a score is told what it has come to, whatever was killed, and never the same twice. */
export async function tellsTheScore(subscribe, { goals, kills }) {
  const { seen, end } = await followed(subscribe, scores);
  const before = seen[0].score.totalCount;
  await causeAll(scores, someTexts(goals), kills);
  await until(() => seen.at(-1).score.totalCount === before + goals);
  end();

  const [first, ...rest] = seen;
  assert(first.resync && !rest.some(({ resync }) => resync), "resync comes first, and only then");
  assert.equal(new Set(seen.map(({ cursor }) => cursor)).size, seen.length, "each change comes once");
  const { score } = await ask(`{ ${SCORE.replace("score", "score(window: MONTHLY)")} }`);
  assert.deepEqual(seen.at(-1).score, score, "the last word is the score");
  return `${rest.length} changes, ${kills.length} kills`;
}

/** What a stream has told so far, once it has begun; each connection goes on after the last of it, or after `from`. */
async function followed(subscribe, { query, field, variables }, from = null) {
  const seen = [];
  const own = { ...variables, get after() { return seen.at(-1)?.cursor ?? from; } };
  const end = subscribe({ query, variables: own }, ({ data }) => seen.push(data[field]));
  await until(() => seen.length);
  return { seen, end };
}

/** Causes one after the other; those at the places `kills` while the server is killed. */
async function causeAll(stream, texts, kills) {
  for (const [at, text] of texts.entries())
    await Promise.all([keepCausing(stream, text), kills.includes(at) && killServer()]);
}

function someTexts(count) {
  return Array.from({ length: count }, (_, at) => `${crypto.randomUUID().slice(0, 8)}-${at}`);
}

async function until(condition) {
  while (!condition()) await sleep(20);
}
