"""Addresses filled with numbers are those that Django reverses."""

from __future__ import annotations

import pytest
from django.test import override_settings
from django.urls import NoReverseMatch, reverse, set_script_prefix

from staff.addresses import address


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("desk:today", ()),
        ("desk:chart", (7,)),
        ("counseling:note_edit", (7, 1234567890123)),
        ("cases:review_stay", (1, 2)),
        ("groups:member", (3, 3)),
    ],
)
def test_they_are_the_same(name: str, keys: tuple[int, ...]) -> None:
    for _ in range(2):
        assert address(name, *keys) == reverse(name, args=keys)
    set_script_prefix("/under/")
    try:
        assert address(name, *keys) == reverse(name, args=keys)
        assert address(name, *keys).startswith("/under/")
    finally:
        set_script_prefix("/")


def test_of_an_unknown_page_there_is_none() -> None:
    with pytest.raises(NoReverseMatch):
        address("desk:chart")
    with override_settings(ROOT_URLCONF="staff.urls"), pytest.raises(NoReverseMatch):
        address("desk:chart", 1)


def test_they_hold_nothing_but_numbers() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        address("desk:chart", "1/../2")  # type: ignore[arg-type]
