"""The evaluation of extraction on public pages: its command, and a floor where the pages are at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archive.extract import extract
from tests.eval.extraction import body_text, cases, main, mean, score

PUBLIC = Path(__file__).parents[3] / "shared" / "data" / "wcxb-dev"
GOLDEN = Path(__file__).parent / "golden"


def test_the_command_scores_a_folder_and_dumps_bodies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stem = "01-wordpress-real"
    truth = json.loads((GOLDEN / f"{stem}.json").read_text("utf-8"))
    (tmp_path / "a.html").write_bytes((GOLDEN / f"{stem}.html").read_bytes())
    (tmp_path / "a.json").write_text(json.dumps({"articleBody": "\n\n".join(truth["body"])}), "utf-8")
    out = tmp_path / "out.json"

    assert main([str(tmp_path), "--dump", str(out)]) == 0
    assert "1.0000" in capsys.readouterr().out
    assert json.loads(out.read_text("utf-8"))["a"]["articleBody"].split("\n\n") == truth["body"]


def test_a_folder_without_truth_is_an_error(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 2


@pytest.mark.outside_data
@pytest.mark.skipif(not PUBLIC.is_dir(), reason=f"needs the WCXB development pages in {PUBLIC}")
def test_public_pages_stay_above_the_floor() -> None:
    some = [case for number, case in enumerate(cases(PUBLIC)) if number % 20 == 0]
    scores = []
    for case in some:
        found = extract(case.page)
        scores.append(score(case, found, body_text(found)))

    assert mean(scores).words > 0.945
