"""`goalarc schema` and `goalarc openapi`: what the two faces promise."""

import typer


def print_schema() -> None:
    """Print the GraphQL schema (SDL)."""
    from schema.root import schema

    typer.echo(schema.as_str())


def print_openapi() -> None:
    """Print the OpenAPI 3.1 document of the REST routes."""
    from rest_compat.openapi import document

    typer.echo(document())
