import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { relayStylePagination } from "@apollo/client/utilities";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";

export function apolloClient(url, key) {
  const http = new HttpLink({ uri: url, headers: { authorization: `Bearer ${key}` } });
  const socket = new GraphQLWsLink(
    createClient({ url: url.replace(/^http/, "ws"), connectionParams: { apiKey: key }, shouldRetry: () => true }),
  );
  return new ApolloClient({
    link: ApolloLink.split((o) => o.operationType === OperationTypeNode.SUBSCRIPTION, socket, http),
    cache: new InMemoryCache({
      possibleTypes: {
        Node: [
          "ApiKey", "Assessment", "Backfill", "Candidate", "Developer", "Erasure", "Event", "Flag", "Insight",
          "InsightAlert", "InsightThreshold", "Prompt", "Report", "ReportSchedule", "Session", "SubSession", "Viewer",
          "WebhookDelivery",
        ],
        ReportBlock: [
          "ReportCard", "ReportChart", "ReportEvidence", "ReportGrid", "ReportIllustration", "ReportItems", "ReportTable",
          "ReportText",
        ],
        UserError: [
          "ApiKeyError", "AppealError", "AssessmentError", "BackfillError", "CandidateError", "ErasureError", "IngestError",
          "InsightAlertError", "InsightError", "LabelError", "OrganisationSettingsError", "ReportError",
          "ReportScheduleError", "ScoreVersionError", "SessionError", "SubSessionEditError", "WebhookError",
        ],
        InsightCondition: ["InsightComparison", "InsightConditionGroup"],
        InsightQuery: [
          "FunnelQuery", "LifecycleQuery", "PathsQuery", "RetentionQuery", "SqlQuery", "StickinessQuery", "StoredQuery",
          "TrendsQuery",
        ],
        InsightResult: [
          "FunnelResult", "FunnelTimesResult", "FunnelTrendsResult", "LifecycleResult", "PathsResult", "RetentionResult",
          "SqlResult", "StickinessResult", "TrendsResult",
        ],
        InsightWatch: [
          "FunnelWatch", "LifecycleWatch", "PathsWatch", "RetentionWatch", "SqlWatch", "StickinessWatch", "TrendsWatch",
        ],
      },
      typePolicies: {
        Query: {
          fields: {
            sessions: relayStylePagination(["filter", "sort"]),
            subSessions: relayStylePagination(["filter"]),
          },
        },
      },
    }),
  });
}
