"""Rows as JSON, NDJSON or CSV, written as they come."""

import csv
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Literal, TextIO

import orjson

Format = Literal["json", "csv", "ndjson"]


async def write(out: TextIO, format: Format, columns: Sequence[str], rows: AsyncIterator[dict[str, object]]) -> None:
    match format:
        case "ndjson":
            async for row in rows:
                out.write(_json(row) + "\n")
        case "json":
            separator = "["
            async for row in rows:
                out.write(f"{separator}{_json(row)}")
                separator = ",\n"
            out.write("[]\n" if separator == "[" else "]\n")
        case "csv":
            table = csv.writer(out, lineterminator="\n")
            table.writerow(columns)
            async for row in rows:
                table.writerow([_cell(row[name]) for name in columns])


def _json(row: dict[str, object]) -> str:
    return orjson.dumps(row, option=orjson.OPT_UTC_Z).decode()


def _cell(value: object) -> object:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case _:
            return value
