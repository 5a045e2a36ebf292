"""What one program call does: reads, checks, acts on git, or has side effects (domain reference, section 5.1).

Beyond the read-only list of that section, programs that cannot change anything count as reading too (text filters,
`--version`, `gh pr view`), and its entries count as side effects where a flag makes them write (`find -delete`).
Whatever is not known here has side effects.
"""

import re
from collections.abc import Sequence
from enum import StrEnum

from domain.calls import program
from domain.judging.text import lexicon


class CommandClass(StrEnum):
    READ_ONLY = "read_only"
    TEST = "test"
    LINT = "lint"
    TYPE_CHECK = "type_check"
    BUILD = "build"
    COMMIT = "commit"
    PUSH = "push"
    REVERT = "revert"
    RESET = "reset"
    CHECKOUT = "checkout"
    RESTORE = "restore"
    SIDE_EFFECT = "side_effect"


READ = CommandClass.READ_ONLY
TEST = CommandClass.TEST
LINT = CommandClass.LINT
TYPES = CommandClass.TYPE_CHECK
BUILD = CommandClass.BUILD
OTHER = CommandClass.SIDE_EFFECT


def _table(**names: str) -> dict[str, CommandClass]:
    return {name: CommandClass(kind) for kind, text in names.items() for name in lexicon(text)}


_PROGRAMS = _table(
    read_only="""ls cat head tail less grep rg find pwd echo which wc diff stat file tree env date
        egrep fgrep ag fd more bat sort uniq cut tr nl rev tac paste join comm cmp column fold expand strings od hexdump
        xxd sed awk gawk jq yq basename dirname realpath readlink type whereis whoami id hostname uname uptime du df ps
        lsof pgrep base64 md5 md5sum sha1sum sha256sum shasum cksum printf seq printenv test [ [[ true false :
        cd pushd popd export set unset local declare typeset read shift return exit break continue sleep wait
        source . alias man cloc tokei
        get-content get-childitem get-item get-location get-process get-command select-string select-object
        where-object measure-object sort-object format-table format-list test-path join-path resolve-path set-location
        write-output write-host out-string out-null compare-object tee""",
    test="""pytest py.test tox nox jest vitest mocha ava tap karma rspec phpunit pest ctest bats gotestsum ginkgo behave
        nosetests nose2 prove busted trial unittest testem wtr invoke-pester""",
    lint="""eslint flake8 pylint pyflakes pycodestyle pydocstyle stylelint golangci-lint staticcheck rubocop shellcheck
        hadolint yamllint markdownlint markdownlint-cli2 oxlint ktlint detekt checkstyle swiftlint phpcs tflint
        actionlint vale bandit semgrep lint-imports jshint standard xo clang-tidy cppcheck luacheck ansible-lint
        codespell commitlint revive gosec vulture pre-commit htmlhint reek""",
    type_check="""mypy dmypy pyright basedpyright pyre pytype tsc vue-tsc tsgo svelte-check phpstan psalm dialyzer
        flow""",
    build="""ninja cmake webpack rollup esbuild parcel tsup javac kotlinc gcc g++ cc c++ clang clang++ rustc swiftc
        scalac ghc msbuild sphinx-build ng-packagr build""",
)

_SUBCOMMANDS = {
    "apt": _table(read_only="list show search"),
    "astro": _table(build="build", type_check="check"),
    "biome": _table(lint="check lint ci"),
    "brew": _table(read_only="list info search"),
    "buf": _table(lint="lint", build="build"),
    "bundle": _table(read_only="list show info", lint="audit"),
    "cabal": _table(test="test", build="build"),
    "cargo": _table(
        test="test t nextest bench",
        lint="clippy",
        type_check="check c",
        build="build b rustc doc",
        read_only="tree metadata search",
    ),
    "coverage": _table(test="run", read_only="report"),
    "cypress": _table(test="run"),
    "dart": _table(test="test", lint="analyze", build="compile"),
    "docker": _table(build="build buildx", read_only="ps images logs inspect info stats top port"),
    "dotnet": _table(test="test", build="build publish", read_only="list"),
    "flutter": _table(test="test", lint="analyze", build="build", read_only="doctor devices"),
    "go": _table(test="test", lint="vet", build="build", read_only="list env doc"),
    "helm": _table(lint="lint", build="package", read_only="list status template"),
    "hugo": _table(build="build"),
    "jekyll": _table(build="build"),
    "kubectl": _table(read_only="get describe logs explain top"),
    "meson": _table(test="test", build="compile setup"),
    "mix": _table(test="test", lint="credo", type_check="dialyzer", build="compile"),
    "mkdocs": _table(build="build"),
    "next": _table(build="build", lint="lint"),
    "ng": _table(test="test e2e", lint="lint", build="build"),
    "nuxt": _table(build="build generate", type_check="typecheck"),
    "pip": _table(read_only="list show freeze check"),
    "playwright": _table(test="test", read_only="show-report"),
    "poetry": _table(build="build", lint="check", read_only="show env"),
    "rails": _table(test="test spec", read_only="routes"),
    "ruff": _table(lint="check", read_only="rule linter config"),
    "sqlfluff": _table(lint="lint"),
    "srb": _table(type_check="tc typecheck"),
    "stack": _table(test="test", build="build"),
    "swift": _table(test="test", build="build"),
    "terraform": _table(lint="validate", read_only="plan show output"),
    "ty": _table(type_check="check"),
    "uv": _table(build="build", read_only="tree"),
    "vite": _table(build="build"),
    "wasm-pack": _table(test="test", build="build"),
    "xcodebuild": _table(test="test", build="build archive"),
    "zig": _table(test="test", build="build build-exe build-lib"),
}

_ONE_GOAL = lexicon(
    """npm pnpm yarn bun deno nx lerna composer mise just task poe invoke inv sbt lein bazel hatch artisan manage.py
    setup.py"""
)
_MANY_GOALS = lexicon("make gmake gradle gradlew mvn mvnw rake ant turbo gulp grunt")
_RUN_WORDS = lexicon("run run-script run-many r")
_VALUE_FLAGS = lexicon("-C -f --prefix --filter --cwd --dir --directory -w --workspace -x --project -p -P")
_PACKAGE_READS = lexicon("ls list view info outdated audit why explain root")
_GOALS = _table(test="t tst check verify", build="package bundle all")
_TEST_WORDS = lexicon("test tests testing spec specs e2e unit integration vitest jest pytest coverage")
_TYPE_WORDS = lexicon("typecheck typechecking types type tsc mypy pyright")
_LINT_WORDS = lexicon("lint linter linting eslint ruff clippy stylelint vet")
_FORMAT_WORDS = lexicon("format fmt prettier style")
_BUILD_WORDS = lexicon("build compile bundle dist assemble")
_CHANGE_WORDS = lexicon("fix write deploy publish release push install clean reset seed migrate update")
_WORD = re.compile(r"[a-z]+|[A-Z][a-z]*|e2e")

_FORMATTERS = lexicon("black isort autopep8 yapf prettier gofmt gofumpt goimports rustfmt clang-format shfmt")
_PRINTS_UNLESS_TOLD = lexicon("prettier gofmt gofumpt goimports clang-format shfmt")
_CHECK_FLAGS = lexicon("--check -c --check-only --diff --list-different --dry-run --check-formatted")
_FIX_FLAGS = lexicon(
    "--fix --unsafe-fixes --add-noqa --write --apply --in-place --inplace --autocorrect --auto-correct"
)
_SHORT_FIX_FLAGS = {"-w": _PRINTS_UNLESS_TOLD, "-i": frozenset(("clang-format",)), "-a": frozenset(("rubocop",))}
_ASKS_ONLY = frozenset(("--version", "-V", "--help", "-h", "version", "help"))
_FIND_WRITES = lexicon("-delete -fprint -fprint0 -fprintf -fls")
_GITHUB_SENDS = ("-X", "--method", "-f", "-F", "--field", "--raw-field", "--input")
_GITHUB_READS = lexicon("view list status diff checks watch search")


def class_of(words: Sequence[str]) -> CommandClass:
    """The class of one simple command other than git, without wrappers such as `sudo`; no words only read."""
    if not words:
        return READ
    name, args = program(words[0]), list(words[1:])
    if len(args) == 1 and args[0] in _ASKS_ONLY:
        return READ
    if name == "gh":
        return READ if _github_reads(args) else OTHER
    if name in _FORMATTERS or (args and args[0] in ("format", "fmt")):
        return _formatter(name, args)
    if name in _MANY_GOALS or name in _ONE_GOAL:
        return _goals(name, args)
    if name in _SUBCOMMANDS:
        return _SUBCOMMANDS[name].get(next(iter(_plain(args)), ""), OTHER)
    kind = _PROGRAMS.get(name, OTHER)
    return OTHER if kind is READ and _writes(name, args) else kind


def fixes(words: Sequence[str]) -> bool:
    """Whether a linter or formatter is told to change files."""
    if not words:
        return False
    name = program(words[0])
    return any(
        flag.partition("=")[0] in _FIX_FLAGS or name in _SHORT_FIX_FLAGS.get(flag.lower(), ()) for flag in words[1:]
    )


def _github_reads(args: list[str]) -> bool:
    """Whether a call of `gh` only looks; `gh api` sends a GET unless it is told a method or fields."""
    if args[:1] == ["api"]:
        return not any(arg.startswith(_GITHUB_SENDS) for arg in args)
    return not _GITHUB_READS.isdisjoint(args[:2])


def _formatter(name: str, args: list[str]) -> CommandClass:
    if fixes([name, *args]):
        return OTHER
    return LINT if name in _PRINTS_UNLESS_TOLD or _CHECK_FLAGS.intersection(args) else OTHER


def _writes(name: str, args: list[str]) -> bool:
    """Whether a program that reads by nature is told to write."""
    if name == "find":
        return not _FIND_WRITES.isdisjoint(args)
    if name == "sed":
        return any(arg.startswith(("-i", "--in-place")) for arg in args)
    if name in ("awk", "gawk"):
        return any(sign in arg for arg in args for sign in ("print >", "} >", '> "', "system("))
    if name == "sort":
        return any(arg.startswith(("-o", "--output")) for arg in args)
    return name == "date" and any(arg.startswith(("-s", "--set")) for arg in args)


def _goals(name: str, args: list[str]) -> CommandClass:
    """The class of a task runner's call, from the names of the tasks it is asked for."""
    targets = _plain(args)
    if targets and targets[0] in _PACKAGE_READS:
        return READ
    targets = [target for target in targets if target not in _RUN_WORDS]
    if name in _ONE_GOAL:
        return _goal(name, targets[0]) if targets else OTHER
    if not targets:
        return BUILD if name in ("make", "gmake") else OTHER
    kinds = [_goal(name, target) for target in targets if target != "clean"]
    return kinds[-1] if kinds and OTHER not in kinds else OTHER


def _goal(name: str, target: str) -> CommandClass:
    if target in _GOALS:
        return _GOALS[target]
    if name in ("mvn", "mvnw") and target == "install":
        return BUILD
    words = {word.lower() for word in _WORD.findall(target)}
    checking = not words.isdisjoint(("check", "checks", "dry"))
    if not words.isdisjoint(_CHANGE_WORDS) or (not words.isdisjoint(_FORMAT_WORDS) and not checking):
        return OTHER
    for known, kind in ((_TEST_WORDS, TEST), (_TYPE_WORDS, TYPES), (_LINT_WORDS, LINT), (_BUILD_WORDS, BUILD)):
        if not words.isdisjoint(known):
            return kind
    return LINT if checking else OTHER


def _plain(args: list[str]) -> list[str]:
    """The arguments before `--` that are no flags, no values of flags, no settings and no numbers."""
    kept: list[str] = []
    previous = ""
    for arg in args:
        if arg == "--":
            break
        setting = "=" in arg or arg.isdigit()
        if not arg.startswith("-") and not setting and previous not in _VALUE_FLAGS:
            kept.append(arg)
        previous = arg
    return kept
