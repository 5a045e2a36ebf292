"""Whoever knows a part of the schema can guess the rest: names and descriptions follow rules."""

import pytest
from graphql import GraphQLArgument, build_schema

from schema.elements import elements
from schema.root import schema
from tests.schema.rules import RULES, complaints, written

EXCEPTIONS = {
    ("lists_have_no_holes", "Query.nodes"): "as Relay has it: null where nothing is there",
    ("lists_have_no_holes", "Score.sparkline"): "null where nothing qualified",
    ("lists_have_no_holes", "TokensPillar.sparkline"): "null where there were no tokens",
    ("lists_have_no_holes", "ReportSeries.values"): "null where there is nothing to show",
    ("lists_have_no_holes", "TrendsLine.values"): "null where there is nothing to take a mean of",
    ("lists_have_no_holes", "FunnelTrendLine.rates"): "null where nobody began",
    ("lists_have_no_holes", "TrendsLine.breakdown"): "null where a value is missing",
    ("lists_have_no_holes", "FunnelGroup.breakdown"): "null where a value is missing",
    ("lists_have_no_holes", "FunnelTrendLine.breakdown"): "null where a value is missing",
    ("lists_have_no_holes", "RetentionCohort.breakdown"): "null where a value is missing",
    ("lists_have_no_holes", "TrendsWatch.breakdown"): "null where a value is missing",
    ("lists_have_no_holes", "FunnelWatch.breakdown"): "null where a value is missing",
    ("lists_have_no_holes", "RetentionWatch.breakdown"): "null where a value is missing",
    ("money_is_in_dollars", "PromptMarks.ambiguityCost"): "what the older score calls it",
    ("numbers_say_of_what", "Event.exitCode"): "what an operating system calls it",
    ("numbers_say_of_what", "CreateReportScheduleInput.hour"): "a place in the day",
    ("numbers_say_of_what", "Evidence.points"): "a unit of its own",
    ("numbers_say_of_what", "IngestEventResult.index"): "a place",
    ("numbers_say_of_what", "Organisation.environmentId"): "of another system",
    ("numbers_say_of_what", "KeyTurn.turnIndex"): "a place",
    ("numbers_say_of_what", "Prompt.turnIndex"): "a place",
    ("numbers_say_of_what", "ReportSchedule.hour"): "a place in the day",
    ("numbers_say_of_what", "SessionTurn.turnIndex"): "a place",
    ("numbers_say_of_what", "TimelineMark.index"): "a place",
    ("numbers_say_of_what", "TimelinePlace.index"): "a place",
    ("numbers_say_of_what", "WebhookAttempt.statusCode"): "what HTTP calls it",
}

GOOD = '''
"""All that there is."""
type Query {
  """Some things."""
  things(
    """How many at most."""
    first: Int

    """From here on."""
    after: String

    """How many at most, from the end."""
    last: Int

    """Up to here."""
    before: String

    """Whose they are."""
    developer: ID
  ): ThingConnection!
}

"""What this is about."""
type Thing {
  """Its global id."""
  id: ID!

  """What it took."""
  durationMs: Long

  """What was paid."""
  costUsd: Float

  """When it began."""
  startedAt: DateTime

  """How many parts it has."""
  partCount: Int!

  """Whether it works."""
  working: Boolean!
}

"""One page of things."""
type ThingConnection {
  """Things and their places."""
  edges: [ThingEdge!]!

  """The things alone."""
  nodes: [Thing!]!

  """Where this page stands."""
  pageInfo: PageInfo!

  """How many there are."""
  totalCount: Int!
}

"""A thing and its place."""
type ThingEdge {
  """The thing itself."""
  node: Thing!

  """Its place in the list."""
  cursor: String!
}

"""Where a page stands."""
type PageInfo {
  """Whether more follow."""
  hasNextPage: Boolean!
}

"""A moment in time."""
scalar DateTime

"""Whole numbers that are large."""
scalar Long

"""All that can be changed."""
type Mutation {
  """Gives it another name."""
  renameThing(
    """Which one, and how."""
    input: RenameThingInput!
  ): RenameThingPayload
}

"""Which thing."""
input RenameThingInput {
  """Its global id."""
  thingId: ID!
}

"""What became of it."""
type RenameThingPayload {
  """What was wrong."""
  userErrors: [ThingError!]!
}

"""What was wrong."""
type ThingError {
  """Where in the input."""
  field: [String!]

  """A sentence for people."""
  message: String!

  """What programs go by."""
  code: ThingErrorCode!
}

"""What can be wrong."""
enum ThingErrorCode {
  """There is no such thing."""
  NOT_FOUND
}
'''


def test_names_and_descriptions_follow_the_rules() -> None:
    assert set(complaints(schema.graphql_schema)) - EXCEPTIONS.keys() == set()


def test_exceptions_are_still_needed() -> None:
    assert EXCEPTIONS.keys() - set(complaints(schema.graphql_schema)) == set()


def test_a_schema_that_follows_the_rules_is_not_complained_about() -> None:
    assert list(complaints(build_schema(GOOD))) == []


BAD = [
    ("described", '  """Whether it works."""\n', "", "Thing.working"),
    ("described", "Whether it works.", "Whether it works", "Thing.working"),
    ("described", "Whether it works.", "Working.", "Thing.working"),
    ("described", "There is no such thing.", "nothing.", "ThingErrorCode.NOT_FOUND"),
    ("says_more_than_the_name", "How many parts it has.", "The part count.", "Thing.partCount"),
    ("says_more_than_the_name", "There is no such thing.", "Not found. Added in 0.1.", "ThingErrorCode.NOT_FOUND"),
    ("cased", "NOT_FOUND\n", "NotFound\n", "ThingErrorCode.NotFound"),
    ("cased", "working:", "is_working:", "Thing.is_working"),
    ("cased", "scalar Long", 'scalar Long\n"""A small thing."""\nscalar small_thing', "small_thing"),
    ("input_objects_end_in_input", "RenameThingInput", "RenameThing", "RenameThing"),
    ("connections_are_those_of_relay", "nodes: [Thing!]!", "nodes: [Thing]!", "ThingConnection"),
    ("connections_are_those_of_relay", "ThingConnection", "Things", "Things"),
    ("connections_are_paged_both_ways", "    before: String\n", "    until: String\n", "Query.things"),
    ("connections_are_paged_both_ways", "ThingConnection!", "ThingConnection", "Query.things"),
    ("mutations_take_an_input_and_answer_a_payload", "input: Re", "how: Re", "Mutation.renameThing"),
    ("mutations_take_an_input_and_answer_a_payload", "RenameThingPayload", "RenamedPayload", "Mutation.renameThing"),
    ("payloads_tell_their_errors", "userErrors: [ThingError!]!", "userErrors: [String!]!", "RenameThingPayload"),
    ("errors_have_codes_of_their_own", "ThingErrorCode", "ErrorCode", "ThingError"),
    ("ids_are_named_for_what_they_are_of", "thingId: ID!", "thing: ID!", "RenameThingInput.thing"),
    ("truths_are_plain_adjectives", "working: ", "isWorking: ", "Thing.isWorking"),
    ("times_end_in_at", "startedAt", "start", "Thing.start"),
    ("times_end_in_at", "startedAt: DateTime", "startedAt: String", "Thing.startedAt"),
    ("numbers_say_of_what", "partCount", "parts", "Thing.parts"),
    ("money_is_in_dollars", "costUsd", "cost", "Thing.cost"),
    ("durations_are_in_milliseconds", "durationMs", "durationCount", "Thing.durationCount"),
    ("lists_have_no_holes", "working: Boolean!", "working: [Boolean!]", "Thing.working"),
]


@pytest.mark.parametrize(("rule", "good", "bad", "coordinate"), BAD)
def test_what_breaks_a_rule_is_complained_about(rule: str, good: str, bad: str, coordinate: str) -> None:
    assert good in GOOD
    assert (rule, coordinate) in set(complaints(build_schema(GOOD.replace(good, bad))))


def test_every_rule_can_fail() -> None:
    assert {rule.__name__ for rule in RULES} == {rule for rule, *_ in BAD}


def test_arguments_of_one_name_and_type_have_one_default() -> None:
    defaults: dict[str, set[str]] = {}
    for element in elements(schema.graphql_schema):
        if isinstance(element.definition, GraphQLArgument):
            kind = f"{element.name}: {written(element.definition)}"
            defaults.setdefault(kind, set()).add(str(element.definition.default_value))
    assert {kind: found for kind, found in defaults.items() if len(found) > 1} == {}
