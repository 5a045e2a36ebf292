import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ingest.shell import commands, resolved


def words(script: str) -> list[tuple[str, ...]]:
    return [command.words for command in commands(script)]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("ls -l", [("ls", "-l")]),
        ("a && b; c | d &\ne", [("a",), ("b",), ("c",), ("d",), ("e",)]),
        ("echo 'git push; rm' \"a && b\"", [("echo", "git push; rm", "a && b")]),
        ("git push 2>&1 | tail -3 > out.txt", [("git", "push"), ("tail", "-3")]),
        ("A=1 B='x y' sudo git push", [("git", "push")]),
        ("cd sub \\\n  && make", [("cd", "sub"), ("make",)]),
        ("make # git push", [("make",)]),
        ("echo a#b", [("echo", "a#b")]),
        ('echo "a \\"b\\" $c"', [("echo", 'a "b" $c')]),
        ("echo $(git push)", [("echo", "$"), ("git", "push")]),
        ("if true; then git push; fi", [("if", "true"), ("then", "git", "push"), ("fi",)]),
        ("git stash show stash@{0}", [("git", "stash", "show", "stash@{0}")]),
        ("", []),
        ("'unclosed", [("'unclosed",)]),
    ],
)
def test_scripts_are_cut_into_commands(script: str, expected: list[tuple[str, ...]]) -> None:
    assert words(script) == expected


def test_a_here_document_handed_on_is_one_word() -> None:
    script = 'git commit -m "$(cat <<\'EOF\'\nFix it\n\nDon\'t "break" && git push\nEOF\n)" && git push'
    assert words(script) == [("git", "commit", "-m", 'Fix it\n\nDon\'t "break" && git push'), ("git", "push")]


def test_a_here_document_that_is_input_is_left_out() -> None:
    assert words("cat <<'EOF' > a.sh\ngit push\nEOF\nls") == [("cat",), ("ls",)]


def test_an_unclosed_here_document_ends_with_the_script() -> None:
    assert words("cat <<EOF\ngit push") == [("cat",)]


def test_what_stands_beside_an_alternative_is_uncertain() -> None:
    assert [c.certain for c in commands("a && b || c; d")] == [True, False, False, True]


def test_cd_moves_what_follows() -> None:
    found = commands("cd sub && cd ../lib; ls", "/home/dev/app")
    assert [command.cwd for command in found] == ["/home/dev/app", "/home/dev/app/sub", "/home/dev/app/lib"]


@pytest.mark.parametrize(
    ("path", "cwd", "expected"),
    [
        ("a.py", "/home/dev/app", "/home/dev/app/a.py"),
        ("./x/../a.py", "/home/dev/app", "/home/dev/app/a.py"),
        ("../../../a", "/home/dev", "/a"),
        ("/etc/hosts", "/home/dev", "/etc/hosts"),
        ("~/a", "/home/dev", "~/a"),
        ("a.py", None, "a.py"),
        ("src/a.py", "D:\\app", "D:\\app\\src\\a.py"),
        ("C:/x", "/home/dev", "C:/x"),
    ],
)
def test_paths_are_seen_from_where_the_command_ran(path: str, cwd: str | None, expected: str) -> None:
    assert resolved(path, cwd) == expected


@given(st.text(st.sampled_from("git push\n\"'$(){}<>|&;\\#=EOFcat-\ue000\ue0010"), max_size=200))
def test_any_script_can_be_cut(script: str) -> None:
    for command in commands(script, "/home/dev"):
        assert all(isinstance(word, str) for word in command.words)
