// Typed operations: what the compiler knows of answers and variables comes from the schema alone.

import { client } from "../../recipes/execute.ts";
import { useFragment as read } from "./__generated__/fragment-masking.ts";
import { graphql } from "./__generated__/gql.ts";

const Item = graphql(`
  fragment Item on SubSession { id title startedAt state intent costUsd tokens { total } }
`);

const Arcs = graphql(`
  query Arcs($first: Int!, $filter: SubSessionFilterInput) {
    subSessions(first: $first, filter: $filter) { nodes { ...Item } pageInfo { hasNextPage endCursor } }
  }
`);

const AnyNode = graphql(`
  query AnyNode($id: ID!) {
    node(id: $id) { __typename id ... on SubSession { title } ... on Session { eventCount } }
  }
`);

const Rename = graphql(`
  mutation Rename($input: RenameSubSessionInput!) {
    renameSubSession(input: $input) { subSession { ...Item } userErrors { field code message } }
  }
`);

export function operations(url: string, key: string) {
  const execute = client(url, key);
  return {
    async scored(first: number) {
      const { subSessions } = await execute(Arcs, { first, filter: { state: "SCORED" } });
      return subSessions.nodes.map((node) => read(Item, node));
    },
    async titleOf(id: string): Promise<string | null> {
      const { node } = await execute(AnyNode, { id });
      return node?.__typename === "SubSession" ? node.title : null;
    },
    async rename(id: string, title: string) {
      const { renameSubSession } = await execute(Rename, { input: { id, title } });
      if (!renameSubSession?.subSession) throw new Error(renameSubSession?.userErrors.map(({ code }) => code).join());
      return read(Item, renameSubSession.subSession);
    },
  };
}

/** Never called: what must not compile. */
export async function mistakes() {
  const execute = client("", "");
  // @ts-expect-error: a variable is missing
  await execute(Arcs, {});
  // @ts-expect-error: no such state
  await execute(Arcs, { first: 1, filter: { state: "DONE" } });
  const { subSessions } = await execute(Arcs, { first: 1 });
  const [arc] = read(Item, subSessions.nodes);
  // @ts-expect-error: not asked for
  arc?.summary;
  // @ts-expect-error: may be null
  arc?.costUsd.toFixed(2);
  // @ts-expect-error: a string
  const started: Date | undefined = arc?.startedAt;
  return started;
}
