"""The measures of the judge evaluation, against values counted by hand."""

from pathlib import Path

import pytest

from tests import judge_eval
from tests.judge_eval import Run, accuracy, auc, balanced_accuracy, brier, interval, kappa


def run(completed: bool, said: bool, confidence: float = 0.5) -> Run:
    return Run(completed, said, confidence, claims_success=True)


def test_agreement_is_measured_beyond_chance():
    runs = [run(True, True)] * 6 + [run(True, False)] * 2 + [run(False, True)] + [run(False, False)]
    assert accuracy(runs) == pytest.approx(0.7)
    assert balanced_accuracy(runs) == pytest.approx((6 / 8 + 1 / 2) / 2)
    assert kappa(runs) == pytest.approx((0.7 - 0.62) / (1 - 0.62))


def test_a_constant_answer_is_worth_nothing():
    runs = [run(True, True), run(False, True)]
    assert (accuracy(runs), balanced_accuracy(runs), kappa(runs)) == (0.5, 0.5, 0.0)
    assert kappa([run(True, True)]) == 0.0


def test_auc_counts_pairs_and_half_of_ties():
    runs = [run(True, True, 0.9), run(True, True, 0.4), run(False, True, 0.4), run(False, True, 0.1)]
    assert auc(runs) == pytest.approx(3.5 / 4)
    assert auc([run(True, True)]) == 0.5


def test_brier_is_the_mean_squared_error_of_confidence():
    assert brier([run(True, True, 0.8), run(False, True, 0.5)]) == pytest.approx((0.04 + 0.25) / 2)


def test_intervals_are_the_same_every_time_and_hold_the_value():
    runs = [run(True, True)] * 12 + [run(False, True)] * 8
    low, high = interval(runs, accuracy)
    assert (low, high) == interval(runs, accuracy)
    assert low < accuracy(runs) < high


def test_absent_data_is_skipped_with_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(judge_eval, "DATA", tmp_path)
    assert judge_eval.main() == 0
    assert "skipped: no labelled runs" in capsys.readouterr().out


@pytest.mark.skipif(not (judge_eval.DATA / "labelled").exists(), reason="no labelled runs beside the project")
def test_every_labelled_run_gets_a_verdict_and_the_numbers_stand_in_the_documentation(
    capsys: pytest.CaptureFixture[str],
):
    assert judge_eval.main() == 0
    printed = capsys.readouterr().out
    assert "goal_complete on 36 of 36 labelled runs" in printed
    rows = [line for line in printed.partition("\nintent of")[0].splitlines() if line.startswith("| ")]
    documented = (Path(__file__).parents[1] / "docs" / "judging.md").read_text().splitlines()
    assert [row for row in rows if row not in documented] == []
