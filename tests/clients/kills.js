// Kills the server while a client follows, and compares what it saw with what really happened.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { pidFile, rename } from "./checks.js";

export const FOLLOW = `subscription Follow($after: String) { subSessionEvents(after: $after) { cursor resync data } }`;

const killed = new Set([0]); // 0 would be our own process group

/** Kills it at once, or once it has come back from the kill before. */
export async function killServer() {
  const running = async () => Number(await readFile(pidFile, "utf8"));
  while (killed.has(await running())) await sleep(20);
  const pid = await running();
  killed.add(pid);
  process.kill(pid, "SIGKILL");
}

/** Gives an arc a new name, for as long as it takes: meanwhile the server may be down. */
export async function keepRenaming(id, title) {
  while (!(await rename(id, title).then(() => true, () => false))) await sleep(100);
}

/**
 * That a client which goes on after its last cursor loses and doubles nothing. `subscribe(request, next)` follows and
 * returns what ends it; `variables.after` of the request is to be read at each connection.
 */
export async function losesNothing(subscribe, id, { names, kills }) {
  const titles = Array.from({ length: names }, (_, at) => `${crypto.randomUUID().slice(0, 8)} name ${at}`);
  const follow = (seen, from = null) => {
    const variables = { get after() { return seen.at(-1)?.cursor ?? from; } };
    return subscribe({ query: FOLLOW, variables }, ({ data }) => seen.push(data.subSessionEvents));
  };

  const seen = [];
  const end = follow(seen);
  await until(() => seen.length);
  for (const [at, title] of titles.entries()) {
    const kill = kills.includes(at);
    await Promise.all([keepRenaming(id, title), kill && killServer()]);
  }
  await until(() => seen.at(-1).data?.title === titles.at(-1));
  end();

  const replayed = [];
  const endReplay = follow(replayed, seen[0].cursor);
  await until(() => replayed.at(-1)?.data.title === titles.at(-1));
  endReplay();

  const [first, ...rest] = seen;
  assert(first.resync && !rest.some(({ resync }) => resync), "resync comes first, and only then");
  assert.deepEqual(rest, replayed, "live and replayed are the same");
  assert.equal(new Set(rest.map(({ cursor }) => cursor)).size, rest.length, "each event comes once");
  assert.deepEqual([...new Set(rest.map(({ data }) => data.title))], titles, "every name was told, in order");
  return `${rest.length} events, ${kills.length} kills`;
}

async function until(condition) {
  while (!condition()) await sleep(20);
}
