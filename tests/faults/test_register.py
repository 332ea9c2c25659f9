"""Every fault has tests, they exist, and docs/faults.md tells of each."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.faults.register import REGISTER

TESTS = Path(__file__).parents[1]
DOCUMENT = TESTS.parent / "docs" / "faults.md"


@cache
def collected(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text("utf-8"))
    return frozenset(item.name for item in tree.body if isinstance(item, ast.FunctionDef))


def test_no_number_is_left_out() -> None:
    assert set(REGISTER) >= {*map(str, range(1, 41)), "9a"}


@pytest.mark.parametrize("number", REGISTER)
def test_the_tests_of_a_fault_exist(number: str) -> None:
    tests = [(file, name) for file, names in REGISTER[number].items() for name in names]
    assert tests
    assert [(file, name) for file, name in tests if name not in collected(file)] == []


def test_the_document_tells_each_fault_and_where_it_is_shown() -> None:
    rows = dict(re.findall(r"^\| (\d+a?) \|(.*)$", DOCUMENT.read_text("utf-8"), re.MULTILINE))
    for number, tests in REGISTER.items():
        assert number in rows, number
        missing = [
            file
            for file in tests
            if f"tests/{file}" not in rows[number] and Path(file).name not in rows[number]
        ]
        assert missing == [], number


def test_a_marker_runs_the_tests_of_one_number(request: pytest.FixtureRequest) -> None:
    """The marker stands on whatever of them was collected in this very run."""
    marked = {mark.kwargs["number"] for item in request.session.items for mark in item.iter_markers("fault")}
    here = {item.path.relative_to(TESTS).as_posix() for item in request.session.items}
    expected = {number for number, tests in REGISTER.items() if set(tests) & here}
    assert marked <= set(REGISTER)
    assert not expected or marked or request.config.getoption("-k") or request.config.getoption("-m")
