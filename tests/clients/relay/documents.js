// What components would ask for. The compiler checks it against the schema and writes the operations.

const { graphql } = require("relay-runtime");

exports.arcsQuery = graphql`
  query documentsArcsQuery($filter: SubSessionFilterInput) {
    ...documents_arcs @arguments(filter: $filter)
  }
`;

exports.arcs = graphql`
  fragment documents_arcs on Query
  @refetchable(queryName: "documentsArcsPageQuery")
  @argumentDefinitions(
    filter: { type: "SubSessionFilterInput" }
    count: { type: "Int", defaultValue: 4 }
    cursor: { type: "String" }
  ) {
    subSessions(first: $count, after: $cursor, filter: $filter) @connection(key: "documents_subSessions") {
      edges { node { id ...documents_arc } }
    }
  }
`;

exports.arc = graphql`
  fragment documents_arc on SubSession @refetchable(queryName: "documentsArcQuery") {
    id
    title
    state
    session { rawId }
  }
`;

exports.sessionQuery = graphql`
  query documentsSessionQuery($id: ID!) {
    node(id: $id) { ...documents_timeline @alias ...documents_prompts @alias }
  }
`;

exports.timeline = graphql`
  fragment documents_timeline on Session
  @refetchable(queryName: "documentsTimelineQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" }) {
    timeline(first: $count, after: $cursor) @connection(key: "documents_timeline") {
      edges { node { id kind ts } }
    }
  }
`;

exports.prompts = graphql`
  fragment documents_prompts on Session
  @refetchable(queryName: "documentsPromptsQuery")
  @argumentDefinitions(
    first: { type: "Int" }
    after: { type: "String" }
    last: { type: "Int", defaultValue: 1 }
    before: { type: "String" }
  ) {
    prompts(first: $first, after: $after, last: $last, before: $before) @connection(key: "documents_prompts") {
      edges { node { id ts } }
    }
  }
`;

exports.rename = graphql`
  mutation documentsRenameMutation($input: RenameSubSessionInput!) {
    renameSubSession(input: $input) { subSession { ...documents_arc } userErrors { field code message } }
  }
`;

exports.follow = graphql`
  subscription documentsFollowSubscription($after: String) {
    subSessionEvents(after: $after) { cursor resync subSession { ...documents_arc } }
  }
`;
