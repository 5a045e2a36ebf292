"""What kind of file a path names: all that insights know of it, because names and endings may tell secrets."""

from typing import NamedTuple


class FileType(NamedTuple):
    """`extension` is without the dot, in lower case; None where the whole name says what it is."""

    language: str
    extension: str | None


_ENDINGS = {
    "Bash": "sh bash zsh",
    "C": "c h",
    "C#": "cs",
    "C++": "cc cpp cxx hh hpp",
    "CSS": "css less sass scss",
    "Clojure": "clj cljs",
    "Dart": "dart",
    "Elixir": "ex exs",
    "Erlang": "erl",
    "F#": "fs fsx",
    "Go": "go",
    "GraphQL": "graphql gql",
    "HTML": "html htm",
    "Haskell": "hs",
    "JSON": "json jsonc",
    "Java": "java",
    "JavaScript": "js jsx mjs cjs",
    "Julia": "jl",
    "Jupyter": "ipynb",
    "Kotlin": "kt kts",
    "Lua": "lua",
    "Markdown": "md mdx",
    "OCaml": "ml mli",
    "Objective-C": "m mm",
    "PHP": "php",
    "Perl": "pl pm",
    "PowerShell": "ps1",
    "Protocol Buffers": "proto",
    "Python": "py pyi",
    "R": "r",
    "Ruby": "rb",
    "Rust": "rs",
    "SQL": "sql",
    "Scala": "scala",
    "Svelte": "svelte",
    "Swift": "swift",
    "TOML": "toml",
    "Terraform": "tf",
    "Text": "txt rst adoc",
    "TypeScript": "ts tsx mts cts",
    "Vue": "vue",
    "XML": "xml",
    "YAML": "yaml yml",
    "Zig": "zig",
}
_BY_EXTENSION = {end: FileType(name, end) for name, ends in _ENDINGS.items() for end in ends.split()}
_BY_NAME = {name.lower(): FileType(name, None) for name in ("Dockerfile", "Makefile")}
LANGUAGES = sorted([*_ENDINGS, "Dockerfile", "Makefile"])


def file_type(path: str) -> FileType | None:
    """None where the name says nothing that is known."""
    name = path.replace("\\", "/").rpartition("/")[2].lower()
    stem, dot, end = name.rpartition(".")
    return _BY_NAME.get(name) or (_BY_EXTENSION.get(end) if dot and stem else None)
