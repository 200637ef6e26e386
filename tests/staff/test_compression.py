"""Pages are compressed for the clinic's own pages only: another site learns nothing from the length of one."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse

from staff.models import StaffMember

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("site", "is_compressed"), [("same-origin", True), ("none", True), ("cross-site", False), ("same-site", False)]
)
def test_only_what_was_asked_for_from_here_is_compressed(
    site: str, is_compressed: bool, signed_in: Callable[[StaffMember], Browser], intake: StaffMember
) -> None:
    browser = signed_in(intake)
    asked = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": site}
    page = browser.get(reverse("cases:clients"), headers=asked)
    assert (page.headers.get("Content-Encoding") == "gzip") is is_compressed
    said = gzip.decompress(page.content) if is_compressed else page.content
    assert b"</html>" in said
    if is_compressed:
        assert len(page.content) < len(said) / 2


def test_a_browser_that_does_not_say_who_asks_gets_the_page_as_it_is(
    signed_in: Callable[[StaffMember], Browser], intake: StaffMember
) -> None:
    page = signed_in(intake).get(reverse("cases:clients"), headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in page.headers


def test_a_statement_of_many_parts_is_not_compiled() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)
