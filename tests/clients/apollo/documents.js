// What the tests of Apollo Client ask for; the tool that makes its manifest reads this file, too.

import { gql } from "@apollo/client";

export const ARCS = gql`
  query Arcs($first: Int!, $after: String) {
    subSessions(first: $first, after: $after) {
      edges { cursor node { id title state } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`;

export const RENAME = gql`
  mutation Rename($input: RenameSubSessionInput!) {
    renameSubSession(input: $input) { subSession { id title } userErrors { field code message } }
  }
`;

export const FOLLOW = gql`
  subscription Follow($after: String) {
    subSessionEvents(after: $after) { cursor resync change subSession { id title } }
  }
`;
