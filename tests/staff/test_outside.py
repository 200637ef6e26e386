"""The one cleaner of values from outside is staff/outside.py: what it gives can be stored, shown and counted with."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staff import outside
from tests.house.sources import APPS, ROOT


@pytest.mark.parametrize(
    ("value", "fit"),
    [
        ("a\0b", "ab"),
        ("a\ud800b", "a\ufffdb"),
        ("\ud83d\ude00", "😀"),  # two halves that belong together
        ("a\x0bb\x0cc", "a b c"),  # soft line breaks of word processors
        ("\x1b[31mred\x9b", "[31mred"),
        ("one\ttwo\r\nthree", "one\ttwo\r\nthree"),
        ("Zoë नमस्ते 王 e\u0301 \u200d👨‍👩‍👧 \u202b", "Zoë नमस्ते 王 e\u0301 \u200d👨‍👩‍👧 \u202b"),
    ],
)
def test_cleaning_text_removes_only_invalid_characters(value: str, fit: str) -> None:
    assert outside.text(value) == fit


@given(st.text(alphabet=st.characters(codec=None)))
def test_any_text_can_be_kept(value: str) -> None:
    fit = outside.text(value, longest=50)
    assert outside.is_fit(fit)
    assert "\0" not in fit.encode().decode()
    assert outside.text(fit) == fit
    assert outside.is_fit(value) == (outside.text(value) == value)


@pytest.mark.parametrize(
    ("value", "number"),
    [("12", 12), (" 12 ", 12), ("007", 7), (7, 7), (str(2**63 - 1), 2**63 - 1)]
    + [
        (each, None)
        for each in ("", "²", "1²", "１２", "٣", "-1", "+1", "1_0", "1.0", "0x1", "None", None, True, 1.0, [1])
    ]
    + [(each, None) for each in (str(2**63), 2**63, "9" * 5000, "1 2", "1\n2")],
)
def test_a_number_is_written_in_plain_digits_and_no_larger_than_any_row(value: Any, number: int | None) -> None:
    assert outside.number(value) == number
    assert outside.keys(value) == ([] if number is None else [number])


def test_a_number_has_the_range_that_is_asked_for() -> None:
    assert outside.number("-5", lowest=-5) == -5
    assert outside.number("-5") is None
    assert outside.number("3", highest=2) is None
    assert outside.number("1", lowest=1, highest=0) is None
    assert outside.keys("0") == []


@pytest.mark.parametrize(
    ("value", "measure"),
    [("41.5", 41.5), ("-73", -73.0), (0, 0.0), (1e308, 1e308)]
    + [
        (each, None)
        for each in ("nan", "inf", "1e400", "", "²", "1,5", "９", 10**400, True, None, "1" * 100, float("nan"))
    ],
)
def test_a_measure_is_finite(value: Any, measure: float | None) -> None:
    assert outside.measure(value) == measure


def test_json_is_cleaned_throughout() -> None:
    read = outside.from_json('{"a\\u0000": ["\\ud800", NaN, -Infinity, 1e999, {"b": "\\u0007c"}], "d": 1}')
    assert read == {"a": ["\ufffd", None, None, None, {"b": "c"}], "d": 1}
    assert outside.whole([10**400, 2**70]) == [None, 2**70]


@pytest.mark.parametrize("content", ["", "{", "[" * 100_000, "9" * 5000, "NaN!", "\0"])
def test_invalid_json_is_refused_with_a_reason(content: str) -> None:
    with pytest.raises(outside.Unreadable) as refused:
        outside.from_json(content)
    assert str(refused.value)


def test_deep_nesting_is_refused() -> None:
    deep: Any = "end"
    for _ in range(500):
        deep = [deep]
    kept = json.dumps(outside.whole(deep))
    assert kept.count("[") == outside.DEEPEST


@pytest.mark.parametrize("value", ["\0" * 5, "x" * 1000, 10**400, int("9" * 4000), ["a"] * 9, {"a": 1}, None, "a\nb"])
def test_what_is_quoted_fits_into_a_sentence(value: Any) -> None:
    said = outside.quoted(value)
    assert outside.is_fit(said)
    assert len(said) <= 60
    assert "\n" not in said


def test_no_page_reads_digits_or_json_by_itself() -> None:
    """`"²".isdigit()` is true and `int("²")` an error: whoever reads a number from an address asks `outside.number`."""
    faults = []
    for app in APPS:
        for path in sorted((ROOT / app).rglob("views/*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                name = node.attr if isinstance(node, ast.Attribute) else ""
                if name in {"isdigit", "isdecimal", "isnumeric", "loads"}:
                    faults.append(f"{path.relative_to(ROOT)}:{node.lineno} uses {name}")
    assert not faults, "\n".join(faults)
