import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calls import calls, program


def words(script: str) -> list[list[str]]:
    return [list(call.words) for call in calls(script)]


CALLED: list[tuple[str, list[list[str]]]] = [
    ("A=1 B='x y' sudo -u ada git push", [["git", "push"]]),
    ("timeout -k 5 60 npx --yes -p x tsc", [["tsc"]]),
    ("uv run --with x pytest -q", [["pytest", "-q"]]),
    ("xargs -n 1 rm -f", [["rm", "-f"]]),
    ("python3 -m pytest && node node_modules/.bin/jest.js", [["pytest"], ["jest"]]),
    ("bash -lc 'cd app && npm test' > out", [["cd", "app"], ["npm", "test"], []]),
    ("eval git push", [["git", "push"]]),
    ("sh -c \"bash -c 'ls | wc'\"", [["ls"], ["wc"]]),
    ("A=1", [[]]),
    ("env", [["env"]]),
    ("sudo", [[]]),
    ("", []),
]


@pytest.mark.parametrize(("script", "called"), CALLED)
def test_what_is_called_in_the_end(script: str, called: list[list[str]]) -> None:
    assert words(script) == called


def test_what_find_runs_is_called_after_it() -> None:
    found = words("find . -exec rm {} + -name '*.py' -execdir mv {} a \\;")
    assert found[0][0] == "find"
    assert found[1:] == [["rm", "{}"], ["mv", "{}", "a"]]


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("./gradlew", "gradlew"),
        (".venv/bin/pytest", "pytest"),
        ("C:\\tools\\Git.EXE", "git"),
        ("Get-Content", "get-content"),
        ("python3.11", "python3.11"),
        (".exe", ".exe"),
        ("", ""),
    ],
)
def test_the_plain_name_of_a_program(word: str, name: str) -> None:
    assert program(word) == name


@pytest.mark.parametrize("part", ["find -exec ", "eval ", "bash -c ", "sudo ", "A=1 ", "timeout 1 ", "python -m "])
def test_hostile_wrapping_is_unwrapped_so_far(part: str) -> None:
    assert len(calls(part * 5_000)) < 20


@given(st.lists(st.sampled_from(["find", "-exec", ";", "\\;", "+", "bash", "-c", "'ls'", "sudo", "&&", "a", "-m"])))
def test_any_chain_of_wrappers_can_be_read(parts: list[str]) -> None:
    calls(" ".join(parts))
