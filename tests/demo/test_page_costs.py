"""No page asks more than twelve queries, whoever may open it (docs/decisions/0015-read-together.md)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from demo.examples import examples, opened_pages
from staff.models import Clinic

MOST = 12


@pytest.mark.django_db
def test_no_page_asks_more_than_twelve_queries(make_demo: Callable[[int], Clinic]) -> None:
    clinic = make_demo(60)
    costly, pages = [], 0
    for url, reader, first in opened_pages(clinic, examples(clinic)):
        pages += 1
        with CaptureQueriesContext(connection) as statements:
            first.client.get(url)  # by the browser that has just opened it: the session is not due to be kept
        asked = [each["sql"] for each in statements if "SAVEPOINT" not in each["sql"]]
        if len(asked) > MOST:
            tables = [re.findall(r'(?:FROM|INTO|UPDATE) "(\w+)"', sql)[:1] for sql in asked]
            costly.append(f"{len(asked)} {url} as {reader.role}: {tables}")
    assert pages > 60
    assert not costly, "\n".join(sorted(costly, reverse=True))
