"""The schema as a client reads it from the SDL, built once for all tests of the process."""

from graphql import build_schema

from schema.root import schema

GRAPH = build_schema(schema.as_str())
