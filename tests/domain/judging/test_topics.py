import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.judging.topics import Topic, named_files, share_a_file

ABOUT_TOTALS = "Fix the rounding of invoice totals in shop/totals.py, they are off by one cent"
ELSEWHERE = "Write the deployment guide for Kubernetes into docs/deploy.md with diagrams"


def topic(*texts: str, files: tuple[str, ...] = ()) -> Topic:
    made = Topic()
    for text in texts or (ABOUT_TOTALS,):
        made.add_turn(text)
    made.files.update(files)
    return made


def test_other_words_and_other_files_shift() -> None:
    assert topic().shifts(ELSEWHERE, ())


def test_the_files_may_be_those_its_own_tool_calls_touched() -> None:
    said = "Write the deployment guide for Kubernetes with diagrams"
    assert topic().shifts(said, ("docs/deploy.md",))
    assert not topic().shifts(said, ())


def test_a_shared_file_keeps_the_topic() -> None:
    assert not topic(files=("/home/ada/docs/deploy.md",)).shifts(ELSEWHERE, ())
    assert not topic().shifts(ELSEWHERE, ("/home/ada/shop/totals.py",))


def test_shared_words_keep_the_topic() -> None:
    assert not topic().shifts("Now that invoice totals round well, fix rounding of totals in api/views.py", ())


@pytest.mark.parametrize("text", ["write docs/deploy.md from scratch", "", "   ", "docs/deploy.md"])
def test_a_short_prompt_never_shifts(text: str) -> None:
    assert not topic().shifts(text, ("docs/deploy.md",))


@pytest.mark.parametrize(
    ("text", "shifts"),
    [
        ("deploy guide kubernetes diagrams helm", False),
        ("deploy guide kubernetes diagrams helm charts", True),
        ("部署文档写一份完整的说", False),
        ("部署文档写一份完整的说明", True),
        ("部 署 文 档 写", False),
    ],
)
def test_six_words_are_enough_to_shift(text: str, shifts: bool) -> None:
    """Where words are not parted by blanks two characters are one."""
    assert topic().shifts(text, ("docs/deploy.md",)) is shifts


@pytest.mark.parametrize(
    "cue", ["also", "And", "now,", "Then", "next:", "ok", "Yes,", "no", "continue", "again", "still", "instead", "same"]
)
def test_a_continuation_cue_keeps_the_topic(cue: str) -> None:
    assert not topic().shifts(f"{cue} {ELSEWHERE}", ())
    assert not topic().shifts(f"{cue} a new task for us, unrelated to this", ())


@pytest.mark.parametrize(
    "text",
    [
        "New task: please round the invoice totals up",
        "Let us try a different topic for a while",
        "I am switching to the invoice totals page",
        "This is unrelated, but the totals are wrong",
        "Moving on, the invoice totals need a test",
        "There is a separate   issue with invoice totals",
    ],
)
def test_a_switch_cue_shifts_at_once(text: str) -> None:
    assert topic().shifts(text, ())


def test_a_switch_cue_in_pasted_matter_does_not_count() -> None:
    assert not topic().shifts("Why does this fail when I run it\n```\nerror: unrelated histories\n```", ())


def test_the_edge_of_the_overlap_is_sharp() -> None:
    known = " ".join(f"w{n}x" for n in range(13))
    same = "w0x w1x " + " ".join(f"v{n}y" for n in range(12))
    assert not topic(known).shifts(same, ("a.py",))  # 2 of 25 words are exactly 8 percent
    assert topic(known).shifts(same + " another", ("a.py",))  # 2 of 26 are fewer


def test_just_below_eight_percent_shifts() -> None:
    known, said = " ".join(f"w{n}x" for n in range(50)), [f"w{n}x" for n in range(8)]
    assert topic(known).shifts(" ".join([*said, *(f"v{n}y" for n in range(51))]), ("a.py",))  # 8 of 101
    assert not topic(known).shifts(" ".join([*said, *(f"v{n}y" for n in range(50))]), ("a.py",))  # 8 of 100


def test_only_the_last_five_turns_count() -> None:
    others = [f"turn{n}a turn{n}b" for n in range(5)]
    assert not topic(ABOUT_TOTALS, *others[:4]).shifts("rounding invoice totals cent fix off everywhere", ("a.md",))
    assert topic(ABOUT_TOTALS, *others).shifts("rounding invoice totals cent fix off everywhere", ("a.md",))


def test_identifiers_and_paths_are_split_into_words() -> None:
    known = topic("Look at roundHalfUp and invoice_totals please today")
    assert not known.shifts("why would round-half-up of src/invoice/totals.ts differ", ())


def test_scripts_without_blanks_can_shift_too() -> None:
    known = topic("请修复购物车总价的四舍五入错误问题")
    assert known.shifts("为部署文档写一份完整的说明并且添加图表", ("docs/deploy.md",))
    assert not known.shifts("购物车总价的四舍五入错误还没有修复", ("docs/deploy.md",))


def test_named_files() -> None:
    assert named_files("see ./a/b.py:12, @docs/x.md and Node.js v1.2") == {"a/b.py", "docs/x.md"}


@pytest.mark.parametrize(
    ("some", "others", "shared"),
    [
        (["a.py"], ["a.py"], True),
        (["a.py"], ["/home/src/a.py"], True),
        (["/home/src/a.py"], ["src/a.py", "b.py"], True),
        (["a.py"], ["src/aa.py"], False),
        (["x/a.py"], ["y/a.py"], False),
        ([], ["a.py"], False),
        ([], [], False),
    ],
)
def test_files_are_the_same_by_the_end_of_their_path(some: list[str], others: list[str], shared: bool) -> None:
    assert share_a_file(some, others) is shared
    assert share_a_file(others, some) is shared


@given(st.text(), st.text())
def test_any_text_is_judged(known: str, said: str) -> None:
    assert topic(known).shifts(said, ("a",)) in (True, False)
