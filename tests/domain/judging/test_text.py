"""What is read in a prompt: words, clauses, references, and how much of a huge one."""

import time

import pytest

from domain.judging import text


def test_words_are_lower_cased_and_keep_inner_apostrophes():
    assert text.words("It DOESN’T work, naïve Straße!") == ["it", "doesn't", "work", "naïve", "straße"]


def test_content_words_split_identifiers_and_paths_and_drop_stop_words():
    assert text.content_words("please use parseHTMLFile in src/my_mod.py") == {
        "parse",
        "html",
        "file",
        "src",
        "mod",
        "py",
    }


def test_content_words_of_a_script_without_blanks_are_pairs_of_characters():
    assert text.content_words("修正错误") == {"修正", "正错", "错误"}


@pytest.mark.parametrize(
    ("a", "b", "share"),
    [(set(), set(), 0.0), ({"a"}, set(), 0.0), ({"a", "b"}, {"b", "c"}, 1 / 3), ({"a"}, {"a"}, 1.0)],
)
def test_overlap_is_the_shared_part_of_all_words(a: set[str], b: set[str], share: float):
    assert text.overlap(frozenset(a), frozenset(b)) == share


@pytest.mark.parametrize(
    "token",
    [
        "src/app.py",
        "README.md",
        "@docs/",
        "@src/app.py",
        "Makefile",
        "a.b.test.ts",
        "App.js",
        ".github/workflows/ci.yml",
        ".eslintrc.json",
    ],
)
def test_a_path_with_a_known_suffix_is_a_file(token: str):
    assert text.is_file(token)


@pytest.mark.parametrize("token", ["Node.js", "v1.2", "e.g", "3.14", "@team-lead", ".py", "example.com", "", "x" * 400])
def test_names_versions_and_hosts_are_no_files(token: str):
    assert not text.is_file(token)


def test_references_find_files_names_links_and_lines():
    found = text.references("In @src/app.py:12 `parse` calls load_all() and get_it, see https://host.example/issues/7.")
    assert found.files == {"src/app.py"}
    assert found.names == {"parse", "load_all", "get_it"}
    assert found.links == {"https://host.example/issues/7"}
    assert found.lines


def test_plain_speech_refers_to_nothing():
    assert not text.references("Make the button a bit bigger, e.g. like the other one.")


def test_a_line_number_alone_is_a_reference():
    assert text.references("what happens on line 40?")


def test_clauses_part_at_commas_and_before_but_and_know_a_question():
    found = [(clause.text, clause.asked) for clause in text.clauses("Thanks, but it still fails. Does app.py load?")]
    assert found == [("Thanks,", False), ("but it still fails.", False), ("Does app.py load?", True)]


def test_prose_leaves_out_code_logs_and_tags():
    pasted = "Fix this:\n```\nadd(1)\n```\n<pr>Title</pr>\nTraceback (most recent call last):\n$ make\nthen stop"
    assert text.prose(pasted).split() == ["Fix", "this:", "Title", "then", "stop"]


@pytest.mark.parametrize(
    "pasted",
    [
        'Traceback (most recent call last):\n  File "a.py", line 1\nValueError: x',
        "fatal: bad tree object",
        "    at load (app.js:3:1)",
        "--- FAIL: TestIt (0.0s)",
        "it ended with exit code 2",
        "HTTP 500 came back",
    ],
)
def test_error_text_is_seen(pasted: str):
    assert text.has_error_text(pasted)


def test_talk_about_errors_is_no_error_text():
    assert not text.has_error_text("add error handling, no failure should be silent")


@pytest.mark.parametrize("limit", [60, 240])
def test_shortening_ends_at_a_word_and_within_the_limit(limit: int):
    short = text.shorten("wörter und 🙂 Zeichen " * 30, limit)
    assert len(short) <= limit
    assert short.endswith("…")
    assert not short.endswith(" …")


def test_shortening_cuts_a_word_that_is_too_long_itself():
    assert text.shorten("x" * 100, 10) == "x" * 9 + "…"


def test_what_fits_is_not_shortened():
    assert text.shorten("x" * 60, 60) == "x" * 60


def test_one_line_folds_breaks_controls_and_stray_surrogates():
    assert text.one_line(" a\x00b\r\n\tc\u2028d\ud800e\u202ef ") == "a b c d e f"


@pytest.mark.parametrize(
    "unit", ["x", "a:", " ", "\n", "`", "(", "at (", "<a ", "AaError", "a/b.py ", "１", "😀", "- but "]
)
def test_a_huge_prompt_is_read_in_bounded_time(unit: str):
    huge = unit * (2_000_000 // len(unit))
    start = time.process_time()
    for read in (text.words, text.content_words, text.clauses, text.prose, text.references, text.has_error_text):
        read(huge)
    assert time.process_time() - start < 1.0


def test_the_middle_of_a_huge_prompt_is_not_read():
    assert "needle" not in text.content_words("a " * 10_000 + "needle" + " a" * 10_000)
    assert "needle" in text.content_words("a " * 10_000 + "needle")
