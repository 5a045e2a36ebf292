"""User turns: a prompt with everything that happened until the next one, and what kind of speech the prompt is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.judging.text import bounded, lexicon, words
from domain.timeline import Event, Kind


class Speech(StrEnum):
    """What a prompt does. Only a `request` says what an arc is about (domain reference, section 7.4)."""

    REQUEST = "request"
    DELIVERY = "delivery"
    CONTINUATION = "continuation"
    CHATTER = "chatter"
    META = "meta"
    CALLBACK = "callback"


@dataclass(frozen=True, slots=True)
class Turn:
    """One prompt, standing at `index` in the arc, and the events after it."""

    index: int
    prompt: Event
    text: str
    speech: Speech
    events: tuple[Event, ...]


CONTINUING = lexicon(
    """yes yep yeah yup y sure ok okay k fine right correct exactly go ahead continue proceed next on keep going do it
    that this so please now then both all one two three four five first second third option options and or the with
    let's lets run resume no nope n none either neither just"""
)
CHATTING = CONTINUING | lexicon(
    """thanks thank thx ty you great nice cool awesome perfect good job work well done excellent amazing brilliant
    lovely lol haha hah hm hmm oh ah ahh wow hi hello hey there claude morning love lgtm looks very much super sweet yay
    fair enough sounds agreed interesting ha"""
)
DELIVERING = CONTINUING | lexicon(
    """commit commits committed push pushed merge pr prs pull request branch main master origin remote changes change
    everything your my work our to a an in into as is it's open create make submit raise ship deploy release publish
    message can could you we i allow using no verify force amend squash separate single new draft up tag add stage
    staged perfect great thanks good looks lgtm works nice"""
)
DELIVERY_WORDS = lexicon("commit commits push merge pr prs ship deploy release publish")
SHORT_CHARS = 10
META_WORDS = 12

_COMMAND = re.compile(r"/[a-z][\w:-]*(?=\s|$)|!")
_CALLBACK = re.compile(
    r"""\s*(?:
        <(?:command-(?:name|message|args)|local-command|bash-(?:input|stdout|stderr)|system-reminder|task-notification
        |user-prompt-submit|ide_|scheduled-task)
        | \[Request\ interrupted | Stop\ hook\ feedback | Operation\ stopped\ by\ hook
        | This\ session\ is\ being\ continued\ from | Caveat:\ The\ messages\ below)""",
    re.VERBOSE,
)
_META = re.compile(
    r"""\b(?:are|were)\ you\ (?:still|there|stuck|ok|okay|done|alive|working|running)\b | \bapi\ error\b
        | \bcontext\ (?:window|left|usage)\b | \b(?:which|what)\ model\b | \brate\ limit(?:ed)?\b
        | \byour\ (?:context|session)\b | \banother\ agent\b
        | ^(?:are|is)\ (?:they|it)\ (?:still|already|done|finished)\b""",
    re.VERBOSE | re.IGNORECASE,
)
_DELIVERY = re.compile(
    r"""(?:^|[.,;:!?\n][\ \t]*|\b(?:and|then|please|you|first|now|lets|let's|ok|okay|ahead|yes|just|to)\s)
        (?:(?:add\ and|go\ ahead\ and|please|now)\s)*
        (?:commit|push|ship\ it|deploy
        |merge(?=\s(?:it|this|that|to|into|the\ (?:pr|branch|changes)|pr|when|once)\b|[.!,]|$)
        |(?:create|open|make|submit|raise)\ (?:a\ |the\ |an?\ new\ )?(?:pr|pull\ request))\b
        (?!\s(?:message|hash|history|sha|log|hook|button|notification))""",
    re.VERBOSE | re.IGNORECASE,
)
_NO_DELIVERY = re.compile(
    r"\b(?:don't|dont|do not|never|not|without)\b[^.,;\n]{0,20}\b(?:commit|push|merge|pr)\b", re.I
)


def prompt_text(event: Event) -> str:
    """What the person wrote: the prompt's text; "" where it was not captured."""
    return next((value.strip() for name in ("text", "prompt") if isinstance(value := event.data.get(name), str)), "")


def speech(text: str) -> Speech:
    """What kind of speech a prompt is; one too short to say anything counts as continuation."""
    if _CALLBACK.match(text):
        return Speech.CALLBACK
    part = bounded(text).strip()
    said = frozenset(words(part))
    if said & DELIVERY_WORDS and said <= DELIVERING:
        return Speech.DELIVERY
    if said and all(word in CONTINUING or len(word) == 1 or word.isdigit() for word in said):
        return Speech.CONTINUATION
    if said <= CHATTING:
        return Speech.CHATTER
    if len(part) < _short(part):
        return Speech.CONTINUATION
    return Speech.META if len(said) <= META_WORDS and _META.search(part) else Speech.REQUEST


def asks_delivery(text: str) -> bool:
    """Whether the prompt orders the work to be committed, pushed, merged or shipped."""
    part = bounded(text)
    return _DELIVERY.search(part) is not None and _NO_DELIVERY.search(part) is None


def turns(events: Sequence[Event]) -> tuple[Turn, ...]:
    """The user turns among `events` (in order); not commands, tool-made prompts, or those of sub-agents."""
    starts = [(i, text) for i, event in enumerate(events) if (text := _opening(event))]
    ends = [i for i, _ in starts[1:]] + [len(events)] if starts else []
    return tuple(
        Turn(i, events[i], text, speech(text), tuple(events[i + 1 : end]))
        for (i, text), end in zip(starts, ends, strict=True)
    )


def _opening(event: Event) -> str:
    """The text that opens a turn at this event; "" where it opens none."""
    if event.kind is not Kind.PROMPT or event.agent_id is not None:
        return ""
    text = prompt_text(event)
    return "" if _COMMAND.match(text) or speech(text) is Speech.CALLBACK else text


def _short(text: str) -> int:
    """Below how many characters a prompt says nothing; scripts without blanks need fewer."""
    return 4 if any(char >= "\u2e80" for char in text[:SHORT_CHARS]) else SHORT_CHARS
