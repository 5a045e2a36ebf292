import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print } from "graphql";

export function client(url: string, key: string) {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  return async <Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data> => {
    const body = JSON.stringify({ query: print(document), variables });
    const answer = await fetch(url, { method: "POST", headers, body });
    const { data, errors } = (await answer.json()) as { data?: Data; errors?: unknown };
    if (errors || !data) throw new Error(JSON.stringify(errors));
    return data;
  };
}
