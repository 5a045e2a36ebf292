"""Migrations of the schema, and the one function that runs them."""
