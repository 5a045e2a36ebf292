"""What goes with a webhook that an input describes."""

from collections.abc import Sequence
from enum import StrEnum

import strawberry

from domain.errors import Fault, Invalid
from domain.webhooks import Hook


@strawberry.input(description="A header that goes with a webhook.")
class WebhookHeaderInput:
    name: str = strawberry.field(description="What it is called.")
    value: str = strawberry.field(description="What it says; it is shown to nobody.")


def hook(url: str, headers: Sequence[WebhookHeaderInput] | None, code: StrEnum) -> Hook:
    """Raises Invalid with this code for a header that stands there twice."""
    told = {header.name: header.value for header in headers or ()}
    if len(told) < len(headers or ()):
        message = "headers: a name stands there twice"
        raise Invalid(message, faults=(Fault(code, message, ("webhook", "headers")),))
    return Hook(url, told)
