"""Secrets leave a text before it is stored: which shapes count as a secret and what stands in their place.

Every rule begins with a hint, a plain piece of text. Only where the hint stands is its expression tried, so ordinary
text costs one quick search per hint. A run is taken whole (possessive) and can be entered only at its start, which
keeps hostile text linear. Redacting twice changes nothing: no rule takes text that holds a marker, a run ends where no
other secret can begin, and the rules that take almost any character come last.

The work is done on UTF-8: searching and lower-casing bytes costs the same for every script and moves no offsets.

Most JSON holds no secret. One expression of the signs of all rules is looked for in its text first, by an engine that
reads each character once, and only where it is found the rules are tried.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log2

import orjson
from pydantic_core import SchemaValidator, core_schema

from domain.values import JsonValue

_MARKER = "[redacted:"
_FIELD = "secret_field"
_PLACEHOLDERS = ("${", "$(", "$2", "{", "<", "%(", "%s", "***", "/", "./", "~/")
"""Starts of what stands where a secret would: variables, templates, masks, bcrypt digests, paths."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """`text` with `[redacted:<name>]` for each secret; `names` are the rules that found one, sorted."""

    text: str
    names: tuple[str, ...]


def redact(text: str) -> Redacted:
    """Never raises, linear in the length of `text`; redacting the result again changes nothing."""
    names: set[str] = set()
    raw = _encode(text)
    return Redacted(_redact(text, _hinted(raw), names), tuple(sorted(names)))


def redact_json(value: JsonValue) -> tuple[JsonValue, tuple[str, ...]]:
    """`value` with its strings redacted, at any depth, and the names of the rules that found something.

    Keys stay. A string under a key such as `password` or `apiToken` is taken when it looks like a credential.
    Without a find `value` itself comes back; it is never changed in place.
    """
    if not _may_hold_secrets(value):
        return value, ()
    texts, keys = _strings_and_keys(value)
    joined = _encode(_SEPARATOR.join(texts))
    rules = _hinted(joined)
    names: set[str] = set()
    _apply(joined, rules, names)
    if not names and not any(map(_names_a_secret, keys)):
        return value, ()
    names.clear()  # what is found in one string counts, not what is found across two
    redacted = _copy(value, rules, names)
    return (redacted, tuple(sorted(names))) if names else (value, ())


def looks_like_credential(value: str) -> bool:
    """Whether a value that somebody called a secret is one: letters and digits with the entropy of a password.

    30 bits, or 20 with a sign that names do not have; words, names, placeholders and paths stay below or are refused.
    """
    if _MARKER in value or value.startswith(_PLACEHOLDERS) or any(map(str.isspace, value)):
        return False
    if len(value) < 8 or not _is_mixed(value):
        return False
    return _entropy_bits(value) >= (30 if _NAME.fullmatch(value) else 20) and not _NUMBERED_WORDS.fullmatch(value)


def _entropy_bits(value: str) -> float:
    """Shannon entropy of the characters times their number."""
    length = len(value)
    return sum(count * log2(length / count) for count in Counter(value).values())


def _always(_secret: str) -> bool:
    return True


def _is_mixed(secret: str) -> bool:
    """Random keys hold both; names in code that only begin like a key mostly do not."""
    return any(map(str.isalpha, secret)) and any(map(str.isdigit, secret))


def _is_random(secret: str) -> bool:
    """The part behind the prefix is hex or of three kinds; `gas_usage_by_quarter_2024` is a name."""
    body = secret.partition("_")[2]
    kinds = (str.isupper, str.islower, str.isdigit)
    return _HEX.fullmatch(body) is not None or all(any(map(kind, body)) for kind in kinds)


def _is_candidate_key(secret: str) -> bool:
    """A date such as PST-2024-0101 is no key."""
    return any(map(str.isalpha, secret.removeprefix("PST-")))


def _holds_key_material(block: str) -> bool:
    """Code that only names the header and the footer of a key has no line of base64 between them."""
    return _BASE64_LINE.search(block) is not None


def _is_basic_credential(secret: str) -> bool:
    """`user:password` in base64, so that "basic training" stays."""
    try:
        decoded = b64decode(secret, validate=True).decode()
    except (Base64Error, UnicodeDecodeError):
        return False
    return ":" in decoded and decoded.isprintable()


def _is_url_password(secret: str) -> bool:
    """Between `user:` and `@host` anything counts but a placeholder."""
    return _MARKER not in secret and not secret.startswith(_PLACEHOLDERS)


@dataclass(frozen=True, slots=True)
class _Rule:
    """`pattern` begins at `hint`; its last group is what is replaced, or the whole match if it has none."""

    name: str
    hint: bytes
    pattern: re.Pattern[bytes]
    accept: Callable[[str], bool]
    folded: bool
    """The hint is searched in lower-cased text."""
    sign: str
    """What stands in the JSON text of whatever holds a find, as an expression of Rust's; more may match it."""

    def replace(self, text: bytes, folded: bytes) -> bytes:
        haystack = folded if self.folded else text
        pieces: list[bytes] = []
        kept = 0
        at = haystack.find(self.hint)
        while at >= 0:
            found = self.pattern.match(text, at)
            if found and self.accept(_decode(found[found.lastgroup or 0])):
                start, end = found.span(found.lastgroup or 0)
                pieces += (text[kept:start], f"{_MARKER}{self.name}]".encode())
                kept = end
            at = haystack.find(self.hint, max(kept, at + 1))
        return b"".join((*pieces, text[kept:])) if pieces else text


def _rules(
    name: str,
    hints: str,
    pattern: str,
    accept: Callable[[str], bool] = _always,
    *,
    folded: bool = False,
    sign: str | None = None,
) -> Iterable[_Rule]:
    """One rule for each of `hints`, which are separated by spaces; `folded`: in whatever case.

    The hint is the sign unless ordinary text is full of it.
    """
    compiled = re.compile(pattern.encode(), re.IGNORECASE if folded else 0)
    for hint in hints.split():
        shown = sign or re.escape(hint)
        yield _Rule(name, hint.encode(), compiled, accept, folded, f"(?i:{shown})" if folded else shown)


_SEPARATOR = "\0"
"""Stands between the strings of a JSON value while they are searched together."""
_BASE64_LINE = re.compile(r"[A-Za-z0-9+/=]{32}")
_HEX = re.compile(r"[0-9a-f]+")
_NAME = re.compile(r"[\w-]+")
_NUMBERED_WORDS = re.compile(r"[A-Za-z]+(?:[_.-][A-Za-z]+)*[_.-]?\d{1,2}", re.ASCII)
_KEYWORD = r"(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access_?key|credentials?|authorization)"
_KEYWORD_END = r"(?:[_-]?(?:key|value|base)){0,2}"
_SECRET_KEY = re.compile(_KEYWORD + _KEYWORD_END + r"\Z", re.ASCII | re.IGNORECASE)
_SPACE = r"""[\\ tnrfub0]*"""
"""Blanks as JSON writes them, and more."""
_ASSIGNED = rf"""{_KEYWORD}(?:[_-]?(?:key|value|base))*["']?{_SPACE}["']?{_SPACE}[:=]"""
"""The sign of a name that something is given to; also of a key in JSON itself."""
_ASSIGN = r"""(?:\\?["'])?\s{0,8}(?::=|=>|={1,3}|:)\s{0,8}(?:(?:bearer|token)\s{1,4})?"""

RULES: tuple[_Rule, ...] = (
    *_rules(
        "private_key",
        "-----BEGIN",
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
        # No possessive groups here: up to Python 3.11.4 they end too early.
        r"(?:[^-]*+(?:-(?!----)[^-]*+)*-----END [A-Z0-9 ]{0,60}-----"
        r"|(?:(?:\\[nr]|\s)*[A-Za-z0-9+/=]{40,}+)+)",  # cut off before its footer
        _holds_key_material,
    ),
    *_rules("aws_access_key_id", "AKIA ASIA", r"(?<!\w)A[KS]IA[A-Z0-9]{16}(?!\w)"),
    *_rules(
        "aws_secret_access_key",
        "secret",
        rf"""(?:secret_?access_?key|(?<=aws_)secret(?:_?key)?){_ASSIGN}(?:\\?["'])?(?P<secret>[A-Z0-9/+]{{40,}}+=*+)""",
        folded=True,
        sign=_ASSIGNED,
    ),
    *_rules("github_token", "ghp_ gho_ ghu_ ghs_ ghr_", r"(?<!\w)gh[pousr]_\w{30,}+(?:\.[\w-]{10,}+){0,2}"),
    *_rules("github_token", "github_pat_", r"(?<!\w)github_pat_\w{22,}+"),
    *_rules(
        "gitlab_token", "glpat- gldt- glrt- glptt-", r"(?<![\w-])gl[a-z]{2,3}-[\w-]{20,}+(?:\.[\w-]++){0,2}", _is_mixed
    ),
    *_rules("slack_token", "xox xapp-", r"(?<![\w-])(?:xox[a-z]|xapp)-[\w-]{10,}+", _is_mixed),
    *_rules("slack_webhook", "hooks.slack.com/", r"hooks\.slack\.com/[a-z]{1,20}/(?P<secret>[\w/]{20,}+)"),
    *_rules("stripe_key", "sk_live_ sk_test_ rk_live_ rk_test_", r"(?<!\w)[sr]k_[a-z]{4}_\w{16,}+", _is_mixed),
    *_rules("webhook_secret", "whsec_", r"(?<![\w+/-])whsec_[\w+/-]{24,}+=*+", _is_mixed),
    *_rules("google_api_key", "AIza", r"(?<![\w/+-])AIza[\w-]{35,}+"),
    *_rules("google_oauth", "GOCSPX- ya29.", r"(?<!\w)(?:GOCSPX-|ya29\.)[\w-]{20,}+"),
    *_rules("anthropic_key", "sk-ant-", r"(?<![\w-])sk-ant-[\w-]{20,}+", _is_mixed),
    *_rules(
        "openai_key",
        "sk-",
        r"(?<![\w-])sk-(?:(?:proj|svcacct|admin|or)-[\w-]{20,}+|[A-Za-z0-9]{20,}+[\w-]*+)",
        _is_mixed,
        sign="sk-(?:(?:proj|svcacct|admin|or)-|[A-Za-z0-9]{20})",
    ),
    *_rules("jwt", "eyJ", r"(?<![\w-])eyJ[\w-]{8,}+\.eyJ[\w-]{8,}+\.[\w-]{16,}+"),
    *_rules("npm_token", "npm_", r"(?<!\w)npm_[A-Za-z0-9]{36,}+"),
    *_rules("pypi_token", "pypi-", r"(?<!\w)pypi-[\w-]{50,}+"),
    *_rules("huggingface_token", "hf_", r"(?<!\w)hf_[A-Za-z0-9]{30,}+"),
    *_rules("sendgrid_key", "SG.", r"(?<!\w)SG\.[\w-]{16,}+\.[\w-]{32,}+"),
    *_rules("twilio_key", "AC SK", r"(?<!\w)(?:AC|SK)[0-9a-f]{32}(?!\w)", sign="(?:AC|SK)[0-9a-f]{8}"),
    *_rules("goalarc_key", "gck_ phx_ gas_", r"(?<![\w-])[a-z]{3}_[\w-]{20,}+", _is_random),
    *_rules("goalarc_key", "psk_live_", r"(?<![\w-])psk_live_[\w-]{16,}+", _is_mixed),
    *_rules("goalarc_key", "PST-", r"(?<!\w)PST-[A-Z0-9]{4}-[A-Z0-9]{4}(?!\w)", _is_candidate_key),
    *_rules(
        "azure_key",
        "accountkey= accesskey= sig=",
        r"(?:(?<!\w)accountkey|(?<=\bshared)accesskey|(?<=[?&])sig)=(?P<secret>[\w+/%-]{40,}+=*+)",
        folded=True,
    ),
    *_rules(
        "bearer_token",
        "bearer",
        r"(?<!\w)bearer\s{1,4}(?P<secret>[\w.~+/-]{16,}+=*+)",
        looks_like_credential,
        folded=True,
        sign=rf"bearer{_SPACE}[a-z0-9_.~+/-]{{16}}",
    ),
    *_rules(
        "basic_auth",
        "basic",
        r"(?<!\w)basic\s{1,4}(?P<secret>[A-Z0-9+/]{8,}+={0,2})",
        _is_basic_credential,
        folded=True,
        sign=rf"basic{_SPACE}[a-z0-9+/]{{8}}",
    ),
    *_rules(
        "assigned_secret",
        "passw passphrase pwd secret token api_key api-key apikey access_key accesskey credential authorization",
        rf"""{_KEYWORD}{_KEYWORD_END}{_ASSIGN}"""
        r"""(?:(\\?["'`])(?P<quoted>[^\s"'`\\]{8,512}+)\1"""
        r"""|(?P<bare>[\w+/~!@#$%^*-]{12,512}+=*+)(?=[\s"'`&;,)}\]<\\|\0]|\Z))""",
        looks_like_credential,
        folded=True,
        sign=_ASSIGNED,
    ),
    *_rules(
        "url_password",
        "://",
        r"""://(?:\[redacted:\w+\]|[^\s:/?#@\[\]"'<>\\`|]{0,256}+):(?P<secret>[^\s/?#"'<>\\`\0]{1,256})@""",
        _is_url_password,
        sign=r"""://[^ /?#@"'<>\\`|]*:[^ /?#"'<>\\`]+@""",
    ),
)
_SIGNS = SchemaValidator(
    core_schema.str_schema(pattern="|".join(dict.fromkeys(rule.sign for rule in RULES)), regex_engine="rust-regex")
)


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # a lone surrogate is legal in JSON


def _decode(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogatepass")


def _hinted(raw: bytes) -> list[_Rule]:
    """The rules that could match."""
    folded = raw.lower()
    return [rule for rule in RULES if rule.hint in (folded if rule.folded else raw)]


def _apply(raw: bytes, rules: Sequence[_Rule], names: set[str]) -> bytes:
    """`raw` redacted; adds the names of the rules that found something. The same object if none did."""
    folded = raw.lower()
    for rule in rules:
        redacted = rule.replace(raw, folded)
        if redacted is not raw:
            names.add(rule.name)
            raw, folded = redacted, redacted.lower()
    return raw


def _redact(text: str, rules: Sequence[_Rule], names: set[str]) -> str:
    raw = _encode(text)
    redacted = _apply(raw, rules, names)
    return text if redacted is raw else _decode(redacted)


@lru_cache(maxsize=4096)
def _names_a_secret(key: str) -> bool:
    return _SECRET_KEY.search(key) is not None


def _may_hold_secrets(value: JsonValue) -> bool:
    """No for what holds none for sure. Of what is no proper JSON (lone surrogates, huge numbers) nothing is known."""
    try:
        return _SIGNS.isinstance_python(orjson.dumps(value))
    except orjson.JSONEncodeError:
        return True


def _strings_and_keys(value: JsonValue) -> tuple[list[str], set[str]]:
    """All strings and all keys of `value`, without recursion: JSON may be nested deeper than the stack."""
    texts: list[str] = []
    keys: set[str] = set()
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            texts.append(item)
        elif isinstance(item, dict):
            keys.update(item)
            todo.extend(item.values())
        elif isinstance(item, list):
            todo.extend(item)
    return texts, keys


def _copy(value: JsonValue, rules: Sequence[_Rule], names: set[str]) -> JsonValue:
    """A redacted copy: each container is copied into its parent first, then its members are replaced in place."""
    root: list[JsonValue] = [value]
    todo: list[list[JsonValue] | dict[str, JsonValue]] = [root]

    def member(item: JsonValue, key: str = "") -> JsonValue:
        if isinstance(item, str):
            text = _redact(item, rules, names)
            if not (_names_a_secret(key) and looks_like_credential(text)):
                return text
            names.add(_FIELD)
            return f"{_MARKER}{_FIELD}]"
        if isinstance(item, dict | list):
            todo.append(item.copy())
            return todo[-1]
        return item

    while todo:
        container = todo.pop()
        if isinstance(container, dict):
            for key, item in container.items():
                container[key] = member(item, key)
        else:
            container[:] = map(member, container)
    return root[0]
