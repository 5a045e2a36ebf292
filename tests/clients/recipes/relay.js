import { createClient } from "graphql-ws";
import relay from "relay-runtime";

export function relayEnvironment(url, key) {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const socket = createClient({
    url: url.replace(/^http/, "ws"),
    connectionParams: { apiKey: key },
    shouldRetry: () => true,
  });
  const fetchQuery = async ({ text }, variables) => {
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query: text, variables }) });
    return answer.json();
  };
  const subscribe = ({ text }, variables) =>
    relay.Observable.create((sink) => socket.subscribe({ query: text, variables }, sink));
  return new relay.Environment({
    network: relay.Network.create(fetchQuery, subscribe),
    store: new relay.Store(new relay.RecordSource()),
  });
}
