"""How calls of functions are written anew, argument by argument: each argument stands once in what comes of it, so that
calls in calls do not grow."""

from collections.abc import Callable, Sequence

from sqlglot import exp

from domain.insights.sql_reading import refused
from domain.insights.sql_terms import call, cast, integer, own, pattern, text, word

Args = Sequence[exp.Expr]
Build = Callable[[Args], exp.Expr]

MOST_TEXT = 100_000
"""Characters of a text that is put together; what is beyond is cut off."""
MOST_SHORT = 100
"""Characters of a text that is written out, where it multiplies others."""
MOST_LIST = 1_000
"""Values of a list that groupArray collects; what is beyond is left out. `few_of` of the database has the same."""
_UNITS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
_FIELDS = (*_UNITS, "dow", "isodow", "doy", "epoch", "isoyear", "milliseconds", "decade", "century")


def same(name: str) -> Build:
    """PostgreSQL's function of that name with the same arguments."""
    return lambda args: call(name, *args)


def truncated(unit: str, to: str | None = None) -> Build:
    def build(args: Args) -> exp.Expr:
        start = call("date_trunc", text(unit), cast(args[0], "timestamptz"))
        return cast(start, to) if to else start

    return build


def minutes(count: int) -> Build:
    origin = cast(text("2000-01-01 00:00:00+00"), "timestamptz")
    return lambda args: call(
        "date_bin", cast(text(f"{count} minutes"), "interval"), cast(args[0], "timestamptz"), origin
    )


def part(field: str) -> Build:
    return lambda args: cast(exp.Extract(this=exp.Var(this=field), expression=cast(args[0], "timestamptz")), "bigint")


def interval(unit: str) -> Build:
    return lambda args: exp.Mul(this=exp.Paren(this=args[0]), expression=cast(text(f"1 {unit}"), "interval"))


def trunc(args: Args) -> exp.Expr:
    unit = word(args[0], _UNITS, "date_trunc")
    return call("date_trunc", text(unit), cast(args[1], "timestamptz"))


def date_diff(args: Args) -> exp.Expr:
    unit = word(args[0], _UNITS, "dateDiff")
    return own("date_diff", text(unit), cast(args[1], "timestamptz"), cast(args[2], "timestamptz"))


def date_part(args: Args) -> exp.Expr:
    field = word(args[0], _FIELDS, "date_part")
    return exp.Extract(this=exp.Var(this=field), expression=cast(args[1], "timestamptz"))


def moved(sign: type[exp.Add] | type[exp.Sub]) -> Build:
    def build(args: Args) -> exp.Expr:
        unit = word(args[0], _UNITS, "dateAdd")
        step = exp.Mul(this=exp.Paren(this=args[1]), expression=cast(text(f"1 {unit}"), "interval"))
        return exp.Paren(this=sign(this=cast(args[2], "timestamptz"), expression=step))

    return build


def shifted(unit: str, sign: type[exp.Add] | type[exp.Sub]) -> Build:
    return lambda args: moved(sign)((text(unit), args[1], args[0]))


def to_char(args: Args) -> exp.Expr:
    return call("to_char", cast(args[0], "timestamptz"), _short(args[1], "to_char takes its format"))


def quantile(args: Args) -> exp.Expr:
    return percentile(args[0], args[1])


def percentile(share: exp.Expr, of: exp.Expr) -> exp.Expr:
    if not (isinstance(share, exp.Literal) and not share.is_string and 0 <= float(share.name) <= 1):
        raise refused("a quantile is a number from 0 to 1, such as quantile(0.9)(x)", share)
    order = exp.Order(expressions=[exp.Ordered(this=cast(of, "double precision"))])
    return exp.WithinGroup(this=call("percentile_cont", share), expression=order)


def median(args: Args) -> exp.Expr:
    return percentile(exp.Literal.number("0.5"), args[0])


def by_(descending: bool) -> Build:
    def build(args: Args) -> exp.Expr:
        ordered = exp.Ordered(this=args[1], desc=descending, nulls_first=False)
        return own("first_of", exp.Order(this=args[0], expressions=[ordered]))

    return build


def few(args: Args) -> exp.Expr:
    """With a number before it, as groupArray(3)(x), so many values at most."""
    if len(args) == 1:
        return own("few_of", args[0])
    most = integer(args[0], 1, MOST_LIST, "groupArray")
    return exp.Bracket(this=exp.Paren(this=own("few_of", args[1])), expressions=[exp.Slice(
        this=exp.Literal.number(1), expression=exp.Literal.number(most))])  # fmt: skip


def few_different(args: Args) -> exp.Expr:
    return own("few_of", exp.Distinct(expressions=[args[-1]]))


def string_agg(args: Args) -> exp.Expr:
    few = own("few_of", call("left", cast(args[0], "text"), integer_of(1_000)))
    return bounded(call("array_to_string", few, _short(args[1], "string_agg takes what stands between")))


def _short(arg: exp.Expr, takes: str) -> exp.Expr:
    if not (isinstance(arg, exp.Literal) and arg.is_string and len(arg.name) <= MOST_SHORT):
        raise refused(f"{takes} as a text of at most {MOST_SHORT} characters", arg)
    return arg


def integer_of(value: int) -> exp.Expr:
    return exp.Literal.number(value)


def bounded(built: exp.Expr) -> exp.Expr:
    """The beginning of a text that may have become long."""
    return call("left", built, integer_of(MOST_TEXT))


def concat(args: Args) -> exp.Expr:
    return bounded(call("concat", *args))


def replace_(args: Args) -> exp.Expr:
    found, put = (_short(arg, "replace takes what it looks for, and what it puts there,") for arg in args[1:])
    return bounded(call("replace", cast(args[0], "text"), found, put))


def round_(args: Args) -> exp.Expr:
    if len(args) == 1:
        return call("round", cast(args[0], "numeric"))
    return call("round", cast(args[0], "numeric"), exp.Literal.number(integer(args[1], 0, 20, "round")))


def floats(name: str) -> Build:
    return lambda args: call(name, *(cast(arg, "double precision") for arg in args))


def to_(type: str) -> Build:
    return lambda args: cast(args[0], type)


def read_number(name: str) -> Build:
    return lambda args: own(name, cast(args[0], "text"))


def if_(args: Args) -> exp.Expr:
    """if(a, x, y), and multiIf(a, x, b, y, z)."""
    if len(args) % 2 == 0:
        raise refused("if and multiIf take conditions with values, and last a value for when none of them holds")
    pairs = [exp.If(this=args[at], true=args[at + 1]) for at in range(0, len(args) - 1, 2)]
    return exp.Case(ifs=pairs, default=args[-1])


def is_(null: bool) -> Build:
    def build(args: Args) -> exp.Expr:
        asked = exp.Is(this=exp.Paren(this=args[0]), expression=exp.Null())
        return exp.Paren(this=asked if null else exp.Not(this=asked))

    return build


def empty(wanted: bool) -> Build:
    def build(args: Args) -> exp.Expr:
        filled = call("coalesce", cast(args[0], "text"), text(""))
        return exp.Paren(this=(exp.EQ if wanted else exp.NEQ)(this=filled, expression=text("")))

    return build


def starts(reverse: bool) -> Build:
    def build(args: Args) -> exp.Expr:
        one, other = (cast(arg, "text") for arg in args)
        if reverse:
            one, other = call("reverse", one), call("reverse", other)
        return call("starts_with", one, other)

    return build


def position(lower: bool) -> Build:
    def build(args: Args) -> exp.Expr:
        one, other = (cast(arg, "text") for arg in args)
        return call("strpos", *((call("lower", one), call("lower", other)) if lower else (one, other)))

    return build


def match_(args: Args) -> exp.Expr:
    return exp.Paren(this=exp.RegexpLike(this=cast(args[0], "text"), expression=text(pattern(args[1]))))


def split(args: Args) -> exp.Expr:
    """splitByChar has the separator first."""
    return call("string_to_array", cast(args[1], "text"), args[0])


def json_(name: str | None, type: str | None = None) -> Build:
    def build(args: Args) -> exp.Expr:
        found: exp.Expr = args[0]
        for key in args[1:-1]:
            found = call("jsonb_extract_path", found, key_(key))
        found = call("jsonb_extract_path_text", found, key_(args[-1]))
        if name:
            return own(name, found)
        return cast(found, type) if type else found

    return build


def json_raw(args: Args) -> exp.Expr:
    return call("jsonb_extract_path", args[0], *(key_(key) for key in args[1:]))


def json_has(args: Args) -> exp.Expr:
    return call("jsonb_exists", args[0], key_(args[1]))


def key_(arg: exp.Expr) -> exp.Expr:
    if not (isinstance(arg, exp.Literal) and arg.is_string):
        raise refused("names of properties are written as texts, such as 'duration_ms'", arg)
    return arg


def count_(args: Args) -> exp.Expr:
    return call("count", args[0] if args else exp.Star())


def count_distinct(args: Args) -> exp.Expr:
    return call("count", exp.Distinct(expressions=[args[0]]))


def div_(args: Args) -> exp.Expr:
    return cast(call("div", cast(args[0], "numeric"), cast(args[1], "numeric")), "bigint")


def unix(args: Args) -> exp.Expr:
    return cast(exp.Extract(this=exp.Var(this="epoch"), expression=cast(args[0], "timestamptz")), "bigint")
