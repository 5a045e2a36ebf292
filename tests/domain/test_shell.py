import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.shell import MAX_CHARS, Simple, simple_commands


def words(line: str) -> list[list[str]]:
    return [list(simple.words) for simple in simple_commands(line)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", []),
        ("   \n\t ", []),
        ("ls -la", [["ls", "-la"]]),
        (
            "cd app && npm test; echo done || true & wait",
            [["cd", "app"], ["npm", "test"], ["echo", "done"], ["true"], ["wait"]],
        ),
        ("cat a | grep b |& tail", [["cat", "a"], ["grep", "b"], ["tail"]]),
        ("echo 'a && b' \"c ; d\" e\\ f", [["echo", "a && b", "c ; d", "e f"]]),
        ("echo a'b'\"c\"", [["echo", "abc"]]),
        ("ls # rm -rf /\npwd", [["ls"], ["pwd"]]),
        ("echo a#b", [["echo", "a#b"]]),
        ("make \\\n  test", [["make", "test"]]),
        ("echo $(git rev-parse HEAD) `date`", [["git", "rev-parse", "HEAD"], ["date"], ["echo", "$()", "$()"]]),
        (
            'git commit -m "$(cat <<\'EOF\'\nit\'s "done" > x\n\nEOF\n)" && git push',
            [["cat"], ["git", "commit", "-m", "$()"], ["git", "push"]],
        ),
        ("(cd a && (ls; pwd)); wc", [["cd", "a"], ["ls"], ["pwd"], ["wc"]]),
        ('for f in *.py; do rm "$f"; done', [["rm", "$f"]]),
        ("if [ -f x ]; then cat x; else touch x; fi", [["[", "-f", "x", "]"], ["cat", "x"], ["touch", "x"]]),
        ("while true; do sleep 1; done", [["true"], ["sleep", "1"]]),
        ("[[ $a > $b ]] && ls", [["[["], ["ls"]]),
        ("(( i > 3 )) && ls", [["ls"]]),
        ("a=(rm x) && ls", [["a=()"], ["ls"]]),
        ("echo $((1 > 2)) ${x:-y} $'it\\'s'", [["echo", "$(())", "${x:-y}", "it\\'s"]]),
        ("diff <(sort a) <(sort b)", [["sort", "a"], ["sort", "b"], ["diff", "<()", "<()"]]),
        ("find . -name '*.pyc' -exec rm {} \\;", [["find", ".", "-name", "*.pyc", "-exec", "rm", "{}", ";"]]),
        ("grep héllo ファイル", [["grep", "héllo", "ファイル"]]),
    ],
)
def test_words_of_simple_commands(line: str, expected: list[list[str]]) -> None:
    assert words(line) == expected


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("echo hi > a.txt", ["a.txt"]),
        ("echo hi >> a.txt", ["a.txt"]),
        ("echo hi >| a.txt", ["a.txt"]),
        ("make &> all.log", ["all.log"]),
        ("make 2> err.log", ["err.log"]),
        ("make >& all.log", ["all.log"]),
        ("make > 'my log'", ["my log"]),
        ("make 2>&1", []),
        ("make >/dev/null 2>&1", []),
        ("make &>/dev/null", []),
        ("make 2>&-", []),
        ("sort < in.txt", []),
        ("grep x <<< 'a > b'", []),
        ("cat <<EOF > a.txt\n1 > 2\nEOF", ["a.txt"]),
        ("cat <<EOF\n1 > 2\nEOF", []),
        ("cat <<-'EOF' | wc\n\t1 > 2\n\tEOF", []),
        ("for x in a; do echo $x; done > out", ["out"]),
        ("echo 'a > b'", []),
        ("echo a\\>b", []),
        ("awk '$1 > 3' f", []),
    ],
)
def test_files_that_redirections_write(line: str, written: list[str]) -> None:
    assert [path for simple in simple_commands(line) for path in simple.writes] == written


@pytest.mark.parametrize(
    "line", ["echo 'open", 'echo "open', "echo $(open", "echo `open", "cat <<EOF\nopen", "echo \\", "x=${a"]
)
def test_what_is_never_closed_ends_with_the_text(line: str) -> None:
    assert words(line)[-1][0] in ("echo", "cat", "x=${a")


def test_a_heredoc_does_not_swallow_what_follows_it() -> None:
    assert words("cat <<A; ls\nrm x\nA\npwd") == [["cat"], ["ls"], ["pwd"]]


def test_only_the_beginning_of_a_huge_line_is_read() -> None:
    assert simple_commands("x " * MAX_CHARS)[0] == Simple(("x",) * (MAX_CHARS // 2))


@pytest.mark.parametrize("part", ["$(", "`", '"', "'", "(", "[[ ", "a=(", "$((", "\\", "<<a ", "<<<", "<(", "${", "$'"])
def test_hostile_nesting_is_read_in_bounded_depth(part: str) -> None:
    simple_commands(part * MAX_CHARS)


@given(st.text(alphabet=st.sampled_from("ab \t\n'\"\\$`;&|<>(){}[]#=-1E")))
def test_any_text_can_be_read(line: str) -> None:
    simple_commands(line)


@given(st.text())
def test_any_unicode_can_be_read(line: str) -> None:
    simple_commands(line)
