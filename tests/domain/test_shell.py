import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.shell import MAX_CHARS, MAX_PLACE_CHARS, Command, resolved, simple_commands


def words(line: str) -> list[list[str]]:
    return [list(command.words) for command in simple_commands(line)]


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
        ('echo "$(git push)"; echo $(git push)', [["git", "push"], ["echo", "$()"]] * 2),
        ('echo "a \\"b\\" \\$c C:\\d"', [["echo", 'a "b" $c C:\\d']]),
        ("(cd a && (ls; pwd)); wc", [["cd", "a"], ["ls"], ["pwd"], ["wc"]]),
        ('for f in *.py; do rm "$f"; done', [["rm", "$f"]]),
        ("if [ -f x ]; then cat x; else touch x; fi", [["[", "-f", "x", "]"], ["cat", "x"], ["touch", "x"]]),
        ("while true; do sleep 1; done", [["true"], ["sleep", "1"]]),
        ("{ a; } || f() { b }", [["a"], ["f"], ["b"]]),
        ("function f { git push; }", [["git", "push"]]),
        ("if ($x) { git push } else { ls }", [["$x"], ["git", "push"], ["ls"]]),
        ("git stash show stash@{0} '}' {} a{b", [["git", "stash", "show", "stash@{0}", "}", "{}", "a{b"]]),
        ("case $x in a) git push;; *) ls;; esac", [["git", "push"], ["*"], ["ls"]]),
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
    assert [path for command in simple_commands(line) for path in command.writes] == written


@pytest.mark.parametrize(
    "line", ["echo 'open", 'echo "open', "echo $(open", "echo `open", "cat <<EOF\nopen", "echo \\", "x=${a"]
)
def test_what_is_never_closed_ends_with_the_text(line: str) -> None:
    assert words(line)[-1][0] in ("echo", "cat", "x=${a")


def test_a_heredoc_that_is_handed_on_is_one_word() -> None:
    script = 'git commit -m "$(cat <<\'EOF\'\nFix it\n\nDon\'t "break" && git push\nEOF\n)" && git push'
    assert words(script) == [["git", "commit", "-m", 'Fix it\n\nDon\'t "break" && git push'], ["git", "push"]]
    assert words("echo $(cat <<A > x\n1\nA\n)") == [["cat"], ["echo", "$()"]]


def test_a_heredoc_that_is_input_is_left_out() -> None:
    assert words("cat <<'EOF' > a.sh\ngit push\nEOF\nls") == [["cat"], ["ls"]]


def test_a_heredoc_does_not_swallow_what_follows_it() -> None:
    assert words("cat <<A; ls\nrm x\nA\npwd") == [["cat"], ["ls"], ["pwd"]]


@pytest.mark.parametrize(
    ("script", "certain"),
    [
        ("a && b || c; d", [True, False, False, True]),
        ("a ||\nb; c", [False, False, True]),
        ("a || (b; c); d", [False, False, False, True]),
        ("if a; then b; else c; fi; d", [False, False, False, True]),
        ("if a; then if b; then c; fi; d; fi && e", [False, False, False, False, True]),
        ("if a; then (b); x=$(c); fi", [False, False, False, False]),
        ("case x in a) b;; esac; c", [False, True]),
        ("for x in a; do b; done; c | d & e", [True, True, True, True]),
    ],
)
def test_what_may_not_have_run_is_uncertain(script: str, certain: list[bool]) -> None:
    assert [command.certain for command in simple_commands(script)] == certain


@pytest.mark.parametrize(
    ("script", "places"),
    [
        ("cd sub && cd ../lib; ls", ["/w", "/w/sub", "/w/lib"]),
        ("(cd sub; ls); ls", ["/w", "/w/sub", "/w"]),
        ("cd /x; cd ~/y; ls", ["/w", "/x", "~/y"]),
        ("cd $X; cd sub; cd /y; ls", ["/w", None, None, "/y"]),
        ("cd -; ls", ["/w", None]),
        ("cd; ls", ["/w", None]),
        ("cd a > log || ls", ["/w", "/w/a"]),
    ],
)
def test_cd_moves_what_follows(script: str, places: list[str | None]) -> None:
    assert [command.cwd for command in simple_commands(script, "/w")] == places


def test_a_step_from_an_unknown_place_leads_to_none() -> None:
    assert [command.cwd for command in simple_commands("cd sub; cd /w; cd x; ls")] == [None, None, "/w", "/w/x"]


@pytest.mark.parametrize(
    ("path", "cwd", "expected"),
    [
        ("a.py", "/home/dev/app", "/home/dev/app/a.py"),
        ("./x/../a.py", "/home/dev/app", "/home/dev/app/a.py"),
        ("../../../a", "/home/dev", "/a"),
        ("/etc/hosts", "/home/dev", "/etc/hosts"),
        ("~/a", "/home/dev", "~/a"),
        ("$HOME/a", "/home/dev", "$HOME/a"),
        ("a.py", None, "a.py"),
        ("src/a.py", "D:\\app", "D:\\app\\src\\a.py"),
        ("C:/x", "/home/dev", "C:/x"),
    ],
)
def test_paths_are_seen_from_where_the_command_ran(path: str, cwd: str | None, expected: str) -> None:
    assert resolved(path, cwd) == expected


def test_only_the_beginning_of_a_huge_line_is_read() -> None:
    assert simple_commands("x " * MAX_CHARS)[0] == Command(("x",) * (MAX_CHARS // 2))


@pytest.mark.parametrize("part", ["$(", "`", '"', "'", "(", "[[ ", "a=(", "$((", "\\", "<<a ", "<<<", "<(", "${", "$'"])
def test_hostile_nesting_is_read_in_bounded_depth(part: str) -> None:
    simple_commands(part * MAX_CHARS)


def test_a_place_deeper_than_any_folder_is_not_known() -> None:
    places = [command.cwd for command in simple_commands("cd a;" * MAX_CHARS, "/w")]
    assert max(len(place) for place in places if place) == MAX_PLACE_CHARS
    assert places[-1] is None


@given(st.text(alphabet=st.sampled_from("ab \t\n'\"\\$`;&|<>(){}[]#=-1E")))
def test_any_text_can_be_read(line: str) -> None:
    simple_commands(line, "/w")


@given(st.text())
def test_any_unicode_can_be_read(line: str) -> None:
    simple_commands(line)
