// PostHog's agent toolkit, unchanged: its API client, and the same through the tools it gives to agents.

import { PostHogAgentToolkit } from "@posthog/agent-toolkit/integrations/ai-sdk";
import { check } from "../checks.js";
import { equal, ok } from "node:assert/strict";

const { BASE_URL, PERSONAL_KEY, ENVIRONMENT_ID: projectId } = process.env;
const toolkit = new PostHogAgentToolkit({ posthogPersonalApiKey: PERSONAL_KEY, posthogApiBaseUrl: BASE_URL });
const insights = toolkit.getContext().api.insights({ projectId });

const QUERY = {
  kind: "InsightVizNode",
  source: {
    kind: "TrendsQuery",
    series: [{ kind: "EventsNode", event: "prompt", math: "total" }],
    interval: "day",
    dateRange: { date_from: "-30d" },
  },
};

/** What a call of the API client came to; it never throws. */
async function data(call) {
  const answer = await call;
  if (!answer.success) throw answer.error;
  return answer.data;
}

let made;

await check("create", async () => {
  made = await data(insights.create({ data: { name: "Prompts", query: QUERY, favorited: false, tags: ["client"] } }));
  equal(made.name, "Prompts");
  return `${made.id} ${made.short_id}`;
});

await check("list, and search", async () => {
  const listed = await data(insights.list({ params: { limit: 10, search: "prompts" } }));
  ok(listed.some((one) => one.id === made.id));
  equal((await data(insights.list({ params: { search: "no such words" } }))).length, 0);
});

await check("get by id and by short id", async () => {
  equal((await data(insights.get({ insightId: String(made.id) }))).short_id, made.short_id);
  equal((await data(insights.get({ insightId: made.short_id }))).id, made.id);
});

await check("update", async () => {
  const changed = await data(insights.update({ insightId: made.id, data: { name: "Prompts a day", favorited: true } }));
  equal(changed.name, "Prompts a day");
  equal(changed.favorited, true);
  equal(changed.query.source.series[0].event, "prompt");
});

await check("query", async () => {
  const { results } = await data(insights.query({ query: made.query }));
  equal(results[0].data.length, results[0].days.length);
  ok(results[0].count > 0);
  return `${results[0].count} prompts in ${results[0].days.length} days`;
});

await check("query in SQL", async () => {
  const query = { kind: "HogQLQuery", query: "select event, count() from events group by event order by event" };
  const { results } = await data(insights.query({ query }));
  ok(results.some(([event, count]) => event === "prompt" && count > 0));
});

await check("soft delete", async () => {
  await data(insights.delete({ insightId: made.id }));
  equal((await insights.get({ insightId: String(made.id) })).success, false);
});

await check("a query that is wrong", async () => {
  const answer = await insights.query({ query: { kind: "TrendsQuery", series: [], nonsense: 1 } });
  equal(answer.success, false);
  return answer.error.message;
});

const tools = await toolkit.getTools();

/** What a tool tells an agent. */
async function told(name, input) {
  const { content } = await tools[name].execute(input);
  return JSON.parse(content[0].text);
}

await check("the tools: create, list, get, query, update, delete", async () => {
  const data = { name: "By an agent", query: QUERY, favorited: true, tags: [] };
  const { id, short_id } = await told("insight-create-from-query", { data });
  ok((await told("insights-get-all", { data: { limit: 100 } })).some((one) => one.id === id));
  equal((await told("insight-get", { insightId: String(id) })).short_id, short_id);
  ok((await told("insight-query", { insightId: short_id })).results[0].count > 0);
  equal((await told("insight-update", { insightId: short_id, data: { name: "Renamed" } })).name, "Renamed");
  await told("insight-delete", { insightId: short_id });
  ok(!(await told("insights-get-all", {})).some((one) => one.id === id));
});
