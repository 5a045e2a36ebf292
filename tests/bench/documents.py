"""The GraphQL documents that are measured: what a page of sessions, a session and a dashboard would ask."""

_ARC = """
fragment Arc on SubSession {
  id rawId title state startedAt endedAt intent letterGrade goalComplete completionConfidence qualifying crushed
  tokens { total }
}
fragment Head on Session {
  id rawId title project startedAt endedAt eventCount costUsd tokens { total }
}
"""

SESSION = (
    """
query Session($id: ID!) {
  session(id: $id) {
    ...Head
    subSessions {
      ...Arc
      habits { habit shown }
      verdict { rationale evidence { part criterion points quote } }
      rework { kind at }
      flags { kind severity detail }
    }
  }
}
"""
    + _ARC
)

SESSIONS = (
    """
query Sessions {
  sessions(first: 50) {
    nodes { ...Head subSessions { ...Arc } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
    + _ARC
)

_LISTED = "nodes { id title costUsd tokens { total } } pageInfo { hasNextPage endCursor }"

DEAREST = f"""
query Dearest {{ sessions(first: 50, sort: {{by: COST}}) {{ {_LISTED} }} }}
"""

FOUND = f"""
query Found($words: String!) {{ sessions(first: 20, filter: {{search: $words}}) {{ {_LISTED} }} }}
"""

SCORE = """
query Score {
  score(window: WEEKLY) {
    from to prismScore letterGrade personalTier crushedCount totalCount crushWeight sparkline pendingCount
    interval { low high }
  }
}
"""

DASHBOARD = """
query Dashboard {
  score(window: WEEKLY) {
    prismScore letterGrade personalTier crushedCount totalCount crushWeight sparkline pendingCount
    interval { low high }
    speed { cspw deltaCspw ttcMedianSeconds sparkline band }
    tokens {
      crushWeight tet tpt sparkline
      breakdown { input output cacheRead cacheWrite }
      band medianCostPerCrushUsd
    }
    skill {
      apg deltaApg
      perBoolean {
        goalExplicit scopeBounded referencesConcrete contextSufficient verificationRequested rootCauseOriented planFirst
      }
      worstPillar band
    }
    verdicts {
      totalCount gradedCount averageLetterGrade
      byIntent { intent count }
      byGrade { letterGrade count }
      byJudgeStatus { judgeStatus count }
    }
    integrity { byKind { kind count } band }
    trivia { byReason { reason count } totalCount }
  }
}
"""

TIMELINE = """
query Timeline($id: ID!) {
  session(id: $id) {
    timeline(first: 100) {
      nodes {
        rawId kind ts data
        provenance { attribution confidence observability }
        receivedAt
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""

INGEST = """
mutation Ingest($events: [EventInput!]!) {
  ingestEvents(input: {events: $events}) { results { status rawId userErrors { message } } }
}
"""

FOLLOW = """
subscription Follow {
  subSessionEvents {
    cursor resync change at subSessionId sessionId data
    subSession { id title state goalComplete crushed letterGrade }
  }
}
"""
