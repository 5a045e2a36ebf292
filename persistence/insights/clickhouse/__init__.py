"""Insights beyond one machine: a copy of their events in ClickHouse, and an engine that reads it."""
