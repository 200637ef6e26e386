"""No page asks more than twelve queries, whoever may open it (docs/decisions/0015-read-together.md)."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from demo.examples import examples, opened_pages
from staff.models import Clinic

MOST = 12


@pytest.mark.django_db
def test_no_page_asks_more_than_twelve_queries(settings: Any, tmp_path: Path) -> None:
    settings.SHOW_DEMO_LOGINS = True
    settings.DEMO_EMAIL_DOMAIN, settings.DEMO_PASSWORD = "demo.example", "onward-demo-password"
    settings.MAILBOX_DIR = str(tmp_path)
    call_command("seed_demo", clients=60, stdout=io.StringIO())
    clinic = Clinic.objects.get()
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
