import pytest

from domain.timeline import Kind, Tokens
from tests import make


@pytest.mark.parametrize(
    ("exit_code", "succeeded", "failed"),
    [
        (None, None, False),
        (0, None, False),
        (0, True, False),
        (None, True, False),
        (None, False, True),
        (1, None, True),
    ],
)
def test_what_failed_says_so_or_has_an_exit_code(exit_code: int | None, succeeded: bool | None, failed: bool) -> None:
    assert make.event(Kind.COMMAND, exit_code=exit_code, succeeded=succeeded).failed is failed


def test_a_text_is_no_other_value() -> None:
    event = make.event(Kind.COMMAND, data={"a": "x", "b": "", "c": ["x"], "d": None, "action": "commit"})
    assert [event.text(name) for name in "abcde"] == ["x", None, None, None, None]
    assert event.git_action is None
    assert make.event(Kind.GIT_ACTION, data=event.data).git_action == "commit"


def test_tokens_add_up_class_by_class() -> None:
    assert Tokens(1, 2, 3, 4) + Tokens(10, 20, 30, 40) == Tokens(11, 22, 33, 44)
    assert Tokens(1, 2, 3, 4).total == 10
