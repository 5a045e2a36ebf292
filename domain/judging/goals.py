"""The goal of an arc in one clause, worded as a colleague would (domain reference, section 13).

A command stays a command ("can you please add a test?": "Add a test") and a question a question. A bare thing gets the
verb of the intent ("the failing login test": "Fix the failing login test"). A statement stays one, as in the title of
an issue: "The totals are off by one cent".
"""

import re
from collections.abc import Iterator, Sequence

from domain.judging.cues import CUES, VERBS, base_form, carries_out_plan
from domain.judging.records import Intent
from domain.judging.text import lexicon, one_line, prose, sentences, short_links, words

GOAL_SENTENCES = 5
"""A goal is named early; only so many sentences are looked at."""
_MAX_COURTESIES = 8
_ANNOUNCING = 5
_SYMPTOM_WORDS = 3

_VERBS = {
    Intent.QUESTION: "Explain",
    Intent.INVESTIGATION: "Investigate",
    Intent.REVIEW: "Review",
    Intent.PLAN: "Plan",
    Intent.SMALL_CHANGE: "Change",
    Intent.BUG_FIX: "Fix",
    Intent.FEATURE: "Build",
    Intent.REFACTOR: "Refactor",
}
_COMMANDS = frozenset(VERBS) | lexicon(
    """use take look read run go put give show sort try start stop keep bring get ensure open close spawn call pull push
    commit merge deploy ship rebase revert undo test verify validate compare count download upload fetch load render
    print log mock translate port publish release scan monitor pretend understand learn do redo send store track
    watch mark think decide discuss consider"""
)
"""Words that open a command: besides those that tell the intent some that only tell what to do."""

_COMMAND_AHEAD = rf"(?=(?:(?:also|please|just|now|maybe|then)\s)*(?:{'|'.join(sorted(_COMMANDS - {'do'}))})\b)"
_COURTESY = re.compile(
    rf"""(?:hey|hi|hello|good\smorning)(?:\s(?:claude|there|all))?\b[,.!]*\s | claude[,:]\s
    | (?:ok|okay|so(?!\s(?:many|much|far)\b)|now|and|or|but|then|also|yes|yeah|oh|hm+|ah|please|pls|actually|maybe|just
        |perhaps|btw|basically|kindly|sorry|thanks|thank\syou)\b[,.!:]*\s
    | (?:no|first|next|finally|well|great|perfect|cool|nice|awesome|good|right|alright|all\sright|fyi)[,.!:]+\s
    | any\s(?:ideas?|thoughts?|clues?)[,:]\s
    | (?:can|could|would|will)\s(?:you|u)\s | (?:can|could|should|shall)\s(?:we|i)\s{_COMMAND_AHEAD}
    | i\s(?:think|guess|believe|suppose)\s(?:that\s)?(?=(?:we|you|it|the|this)\b)
    | (?:i|we|you)(?:'d|\swould)?\s(?:want|need|like|love|have)\s(?:you\s|us\s)?to\s
        (?:(?:know|see|understand)\s(?=(?:why|how|what|whether|where|if)\b))?
    | (?:we|you|i)\s(?:should|must|could|can)\s{_COMMAND_AHEAD} | (?:we|i)(?:'re|'m|\sare|\sam)\sgoing\sto\s
    | let(?:'s|s|\sus)\s | go\sahead\sand\s | feel\sfree\sto\s | try\s(?:to|and)\s | help\s(?:me|us)\s(?:to\s)?
    | (?:your|the|my)\s(?:task|job|goal|idea)\s(?:here\s)?is\sto\s
    | (?:do\syou\sthink\s)?(?:it\s)?(?:would|is|will)\s(?:it\s)?(?:be\s)?possible\s(?:for\syou\s)?to\s
    | do\syou\sthink\s(?:that\s)?(?:you|we)\s(?:can|could)\s
    | it\swould\sbe\s(?:nice|great|good|cool|helpful)\s(?:if\s(?:you|we)\s(?:can|could)|to)\s
    | i(?:'m|\swas|\sam)\s(?:just\s)?wondering\s(?:if\s(?:you|we)\s(?:can|could)\s)?""",
    re.VERBOSE | re.IGNORECASE,
)
_CUT = re.compile(
    r"""(?<!\.\.)[.!?;](?:\s|$) | :$ | (?<=\w):\s(?=\w+\s\w+\s\w) | \s(?:[-–—]+|[-=]>|→)\s | \sbecause\s
    | ,\s(?=(?:and|but|so|then|because|which|since|as|it|they|there|we|i|you)\s)""",
    re.VERBOSE | re.IGNORECASE,
)
_LATER_COMMAND = re.compile(rf",\s({_COMMAND_AHEAD}\w.*)", re.IGNORECASE)
_JOINED = re.compile(r"\sand\s(?=(?:a\slot|the|it|now|this|that|there|all|my|our|some)\b)", re.IGNORECASE)
_SUBORDINATE = re.compile(r"(?:when|if|while|after|before|since|as|once|given|for|in|on|at|with)\s", re.IGNORECASE)
_POINTING = re.compile(
    r"""\w+\s(?:it|this|that|them|these|those|all|everything)
    (?:\s(?:first|out|now|then|too|again|up|down|off|please|instead|also|together|here|there))*""",
    re.VERBOSE | re.IGNORECASE,
)
"""A command that says only that something is to be done about what was said."""
_MEANT_BEFORE = re.compile(r"(?:it|they|this|that|these|those)\b", re.IGNORECASE)
_DO_THEY = re.compile(r"do\s(?:we|you|i|they|it|all|these|those|any|the|my|our|your)\b", re.IGNORECASE)
_FOLLOWS = re.compile(
    r"\bthis(?:\s(?:one|issue|bug|error|ticket|pr|page|link|file|url|task))?:\s(?=\S+/\S)", re.IGNORECASE
)
_LOOK = re.compile(r"(?:have|take)\s(?:a|another)\s(?:\w+\s)?look\s(?=(?:at|into|through)\b)", re.IGNORECASE)
_HEADING = re.compile(r"\A(?:#{1,6}\s+|[-*•]\s+|\d{1,2}[.)]\s+)")
_PLAN_HEADING = re.compile(r"^#{1,6}[ \t]+(?:(?:implementation )?plan[:\s–-]+)?(\S.*)$", re.MULTILINE | re.IGNORECASE)
_SMILEY = re.compile(r"\s[:;]['-]?[()|DPp/]+(?=\s|$)")
_EDGES = " ,.:;!-–—*•|"

_HAVING = re.compile(
    r"(?:i|we)(?:'m|'re|\sam|\sare|\s(?:still|now|also|currently|just))*\s"
    r"(?:getting|get|seeing|see|having|have|facing|hitting|hit|found|noticed|got)\s",
    re.IGNORECASE,
)
_THING = re.compile(
    r"(?:the|an?|this|that|these|those|my|our|some|another)\s(?:[\w'./`-]+\s){0,2}[\w'./`-]*[^\Ws]`?"
    r"(?:$|\s(?:for|of|in|on|to|with|from|at|between|when|by|inside|after|before|that|which|where)\b)",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"\b(?:when|that|which|who|where|after|before|if)\b", re.IGNORECASE)
_FINITE = lexicon(
    """is are was were am be been has have had will would can could does do did should must may might shall cannot it's
    that's there's needs fail fails failed crashes crashed breaks broke hang hangs leaks work works worked returns
    throws happen happens happened disappear disappears shows takes gets goes comes says seem seems looks lacks makes
    means"""
)
"""Words that make a sentence of what begins like a thing."""


def goal_phrase(text: str, intent: Intent) -> str:
    """What the prompt that names the goal wants, in one phrase of any length; "" where it says nothing in words."""
    clause = goal_clause(text, intent)
    if _orders(clause):
        return _capitalised(clause.rstrip("?"))
    having = _HAVING.match(clause) if intent in (Intent.BUG_FIX, Intent.INVESTIGATION) else None
    thing = clause[having.end() :] if having else clause
    return f"{_VERBS[intent]} {_uncapitalised(thing)}" if _names_thing(thing) else _capitalised(clause)


def goal_clause(text: str, intent: Intent) -> str:
    """The clause of a prompt that says what is wanted, without greetings and polite forms; "" without any.

    The first command among its first sentences, else for a bug its symptom, else its first clause; of a plan handed
    over, the plan's heading.
    """
    plain = short_links(prose(text)).replace("’", "'")
    heading = _PLAN_HEADING.search(plain) if carries_out_plan(text) else None
    found = [one_line(_HEADING.sub("", part, count=1)) for part in ([heading[1]] if heading else sentences(plain))]
    found = _own_words([_SMILEY.sub(";", sentence) for sentence in found[:GOAL_SENTENCES]])
    told = [clause for sentence in found for clause in _clauses(sentence)]
    later = [_worded(rest[1]) for sentence in found if (rest := _LATER_COMMAND.search(sentence))]
    commands = [clause for clause in (*told, *later) if _orders(clause)]
    named = [clause for clause in commands if words(clause)[0] in VERBS]
    symptoms = [*named, *_symptoms(told)] if intent is Intent.BUG_FIX else []
    return next(iter([*symptoms, *commands, *told]), "")


def _own_words(sentences: Sequence[str]) -> Sequence[str]:
    """Without what a statement announces with a colon: such matter is quoted."""
    for at, sentence in enumerate(sentences, 1):
        if sentence.endswith(":") and not any(map(_orders, _clauses(sentence))) and len(words(sentence)) >= _ANNOUNCING:
            return sentences[:at]
    return sentences


def _clauses(sentence: str) -> Iterator[str]:
    """The clauses of a sentence that hold more than one word. What opens with "when" or "for" is no clause by itself
    and keeps its commas."""
    whole = _without_courtesy(sentence)
    pieces = [whole] if _SUBORDINATE.match(whole) else _CUT.split(whole)
    for piece in pieces:
        clause = _worded(piece)
        if len(words(clause)) > 1:
            yield clause + "?" * (whole.endswith(f"{clause}?"))


def _worded(piece: str) -> str:
    clause = _without_courtesy(piece.strip(_EDGES)).strip(_EDGES)
    clause = _FOLLOWS.sub("", _LOOK.sub("look ", clause, count=1) if _LOOK.match(clause) else clause)
    first, _, rest = clause.partition(" ")
    if first.lower() == "consider" and (verb := base_form(rest.partition(" ")[0])):
        return f"{verb} {rest.partition(' ')[2]}"
    return clause


def _without_courtesy(clause: str) -> str:
    for _ in range(_MAX_COURTESIES):
        found = _COURTESY.match(clause)
        if found is None or found.end() == len(clause):
            break
        clause = clause[found.end() :]
    return clause


def _symptoms(clauses: Sequence[str]) -> list[str]:
    """Clauses that tell what is wrong, cut free from what else stands in their sentence."""
    parts = [part for clause in clauses if not _SUBORDINATE.match(clause) for part in _JOINED.split(clause)]
    whole = [part for part in parts if len(words(part)) >= _SYMPTOM_WORDS and not _MEANT_BEFORE.match(part)]
    return [part for part in whole if CUES[Intent.BUG_FIX].search(part)]


def _orders(clause: str) -> bool:
    """Whether a clause is a command that says what to do it to. "Do the tests pass?" and "sort that out" are none."""
    asked = clause.endswith("?") and _DO_THEY.match(clause)
    return next(iter(words(clause)), "") in _COMMANDS and not asked and not _POINTING.fullmatch(clause)


def _names_thing(clause: str) -> bool:
    """Whether a clause is a thing with what belongs to it, and no sentence."""
    head = (_RELATIVE.split(clause, maxsplit=1)[0] or clause).lower().split()
    said = any(word in _FINITE or word.endswith("n't") for word in head)
    return not said and not clause.endswith("?") and _THING.match(clause) is not None


def _capitalised(phrase: str) -> str:
    """With a capital, unless the first word is a name that is spelled otherwise."""
    first = phrase.partition(" ")[0].rstrip(_EDGES + "?")
    return phrase[:1].upper() + phrase[1:] if re.fullmatch(r"[^\W\d_A-Z]+(?:['-][^\W\d_A-Z]+)*", first) else phrase


def _uncapitalised(thing: str) -> str:
    return thing[:1].lower() + thing[1:]
