"""The words by which a request shows what kind of work it asks for."""

import re
from collections.abc import Iterable

from domain.judging.records import Intent
from domain.judging.text import Clause, bounded, lexicon, words

VERBS: dict[str, Intent] = {
    verb: intent
    for intent, verbs in {
        Intent.FEATURE: "add implement create build support introduce write generate integrate enable extend",
        Intent.REFACTOR: """refactor rename extract simplify move split migrate restructure reorganize reorganise
            deduplicate dedupe consolidate inline modernize modernise decouple tidy clean""",
        Intent.BUG_FIX: "fix resolve repair solve hotfix unbreak debug",
        Intent.SMALL_CHANGE: """change update set remove delete replace adjust tweak bump edit modify rewrite drop put
            hide turn switch increase decrease reword install configure upgrade downgrade document limit improve apply
            convert include exclude append insert expose wire swap allow align address make fill save handle reuse""",
        Intent.REVIEW: "review audit critique proofread assess evaluate",
        Intent.PLAN: "plan design spec propose brainstorm outline",
        Intent.INVESTIGATION: """investigate diagnose profile trace research analyse analyze explore reproduce
            dig examine inspect search find check figure""",
        Intent.QUESTION: "explain describe tell list summarize summarise clarify teach compare remind",
    }.items()
    for verb in lexicon(verbs)
}
"""What a request's own verb says. The verbs of `small_change` say "change something" and nothing of its size."""

CHANGING = frozenset({Intent.FEATURE, Intent.REFACTOR, Intent.BUG_FIX, Intent.SMALL_CHANGE})

CUES: dict[Intent, re.Pattern[str]] = {
    intent: re.compile(rf"\b(?:{pattern})\b", re.VERBOSE | re.IGNORECASE)
    for intent, pattern in {
        Intent.BUG_FIX: r"""bugs?(?!\ (?:reports?|forms?|templates?|tracker))
            | fix(?:es|ed|ing)? | errors? | crash(?:es|ed|ing)? | broken? | broke | regressions?
            | fail(?:s|ed|ing|ures?)? | exceptions? | (?:doesn't|does\ not|didn't|not|don't|isn't)
            \ work(?:ing)?
            | stack\ ?trace | incorrect(?:ly)? | hangs? | leak(?:s|ing)? | problem(?:s|atic)? | lost | missing | gone
            | disappear(?:s|ed)? | wrong(?:ly)? | stuck | unexpected(?:ly)? | warnings?""",
        Intent.REVIEW: r"reviews? | reviewing | audit | critique | pr\ comments | look\ over | code\ review",
        Intent.PLAN: r"""an?\ (?:\w+\ ){0,2}(?:plan|proposal|approach|design|spec) | rfc | design\ doc
            | approaches | brainstorm | (?:what\ are\ )?(?:the|our|my)\ options | options\ (?:to|for)
            | (?:don't|do\ not|without)\ (?:\w+\ ){0,2}(?:chang|touch|writ|edit|modify|implement)\w*\ (?:\w+\ )?code
            | before\ (?:we\ |you\ )?(?:code|coding|implementing|writing)""",
        Intent.REFACTOR: r"""refactor(?:ing|ed)? | clean(?:ing)?[\ -]?up | duplicat(?:ed?|ion|es|ing)
            | simplif(?:y|ied|ication) | renam(?:e|ed|ing) | restructur(?:e|ing) | migrat(?:e|ion|ing)
            | technical\ debt""",
        Intent.INVESTIGATION: r"""investigat(?:e|ion|ing) | find\ out | look(?:ing)?\ into | figure\ out | root\ cause
            | (?:debug|check|see|understand)\ (?:why|what|whether|if|how) | what(?:'s|\ is)\ (?:causing|going\ on)
            | dig\ into | do\ (?:some\ )?research | web\ ?search""",
        Intent.FEATURE: r"""new\ \w+ | features? | support\ for | implement(?:ed|ing|ation)? | functionality
            | from\ scratch""",
        Intent.SMALL_CHANGE: r"""typos? | wording | (?:small|minor|quick|tiny)\ (?:change|fix|edit|tweak) | one-?liner
            | spelling""",
        Intent.QUESTION: r"""questions? | (?:give|show|walk|let|tell)\ (?:me|us) | wondering | curious | overview
            | tl;?dr | what's\ the\ difference | what\ does
            | how\ (?:does|do|can|could|would)\ (?:i|we|you|it|this|that|the)""",
    }.items()
}

_FILLERS = lexicon(
    """hey hi hello claude ok okay so now and then also please first next well yes yeah no oh ah but maybe just finally
    alternatively actually could can would will you we us i i'd i'll should must need want wish like to let let's lets
    help me try feel free go ahead your task is specifically kindly quickly be start by going gonna have great perfect
    cool nice thanks all right wait think"""
)
_WH_WORDS = lexicon("what how why when where which who whose what's how's why's where's who's")
_FILLER_WORDS = 12
_ASKED = re.compile(
    r"""\b(?:please|pls|(?:want|like|need|ask|asking)\ you\ to|(?:can|could|would|should|must)\ (?:you|we)
        |(?:you|we)\ (?:should|must)|(?:you|we)\ need\ to|let's|lets|consider
        |(?:should|must|(?:need|ha)(?:s|ve)?\ to)\ be)
        \s+(?:(?:also|just|please|now|maybe|at\ least)\s+)*([a-z]+)\b""",
    re.VERBOSE | re.IGNORECASE,
)
_KIND_ORDER = re.compile(r"(?:\w+,?\s){0,3}(?:can|could|would|will)\s(?:you|we)\b", re.IGNORECASE)
_JOINED = re.compile(r"\b(?:and|then|to|or|mind|by)\s+(?:also\s+|then\s+)?([a-z]+)\b", re.IGNORECASE)
_CARRY_OUT = re.compile(
    r"\b(?:implement|execute|follow|proceed with|go ahead with|carry out|continue with)\b[^.\n]{0,40}\bplan\b",
    re.IGNORECASE,
)


def request_verb(clause: str) -> str | None:
    """The verb by which a clause orders or kindly asks for something: "add" in "can you please add a test?"."""
    said = words(clause)
    for word, following in zip(said[:_FILLER_WORDS], [*said[1:], ""], strict=False):
        if word in VERBS and not (word == "make" and following == "sure"):
            return word
        if word not in _FILLERS and not word.isdigit():
            break
    return next((verb for found in _ASKED.findall(clause) if (verb := base_form(found))), None)


def joined_verbs(clause: str) -> Iterable[str]:
    """Further verbs of a request: "fix" in "look at the log and fix it"."""
    return (verb for found in _JOINED.findall(clause) if (verb := base_form(found)))


def base_form(word: str) -> str | None:
    """The verb of the table that `word` is a form of: "remove" for "Removing" and "removed"."""
    lower = word.lower()
    stems = [lower]
    for ending in ("ing", "ed"):
        if lower.endswith(ending):
            stem = lower.removesuffix(ending)
            stems += [stem, stem + "e", stem[:-1]]
    return next((stem for stem in stems if stem in VERBS), None)


def is_question(clause: Clause) -> bool:
    """Whether a clause asks for an answer and not, in a kind form, for work."""
    if not clause.asked:
        return False
    verb = request_verb(clause.text)
    if (words(clause.text) or [""])[0] in _WH_WORDS:
        return True
    orders = _KIND_ORDER.match(clause.text) is not None if verb is None else VERBS[verb] is not Intent.QUESTION
    return clause.text.endswith("?") and not orders


def carries_out_plan(text: str) -> bool:
    """Whether a prompt hands over a finished plan to be carried out: then its talk of plans asks for none."""
    return _CARRY_OUT.search(bounded(text)) is not None
