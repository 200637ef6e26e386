"""Every form sent twice at the same moment, as a double click sends it: once done, or said; never an error.

Each form of a small demo clinic is filled in as somebody in a hurry would, and sent by two connections that are let go
together. What one sending alone would have added is what may be there afterwards, in every table.
"""

from __future__ import annotations

import copy
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection, transaction
from django.test import Client as Browser
from django.utils import timezone

from demo.examples import examples
from staff.models import Clinic

from .hostile import urlencode
from .test_hostile_requests import Sender, Target, addresses, key, targets

# Each request leaves its line here, whatever came of it.
LOGS = {
    "privacy_chartaccess",
    "privacy_listaccess",
    "staff_auditentry",
    "staff_session",
    "pghistory_context",
    "axes_accesslog",
}


class _Undone(Exception):
    pass


@pytest.fixture
def clinic(transactional_db: None, make_demo: Callable[[int], Clinic]) -> Clinic:
    return make_demo(12)


def counts() -> Counter[str]:
    kept = [each for each in connection.introspection.table_names() if each not in LOGS and not each.endswith("event")]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{each}', count(*) FROM \"{each}\"" for each in kept))
        return Counter(dict(cursor.fetchall()))


def send(browser: Browser, target: Target, content: str) -> int:
    kind = "application/x-www-form-urlencoded"
    return browser.generic("POST", target.form.action, content.encode(), content_type=kind).status_code


def twice(sender: Sender, target: Target, content: str) -> list[Any]:
    came: list[Any] = [None, None]
    start = threading.Barrier(2)
    browsers = [Browser(), Browser()]
    for browser in browsers:
        browser.cookies = copy.deepcopy(sender.browser(target.sender).cookies)

    def run(place: int) -> None:
        try:
            start.wait()
            came[place] = send(browsers[place], target, content)
        except Exception as error:
            came[place] = f"{type(error).__name__}: {str(error)[:200]}"
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return came


def test_every_form_sent_twice_at_once(clinic: Clinic) -> None:
    sender = Sender()
    forms = targets(sender, list(addresses(clinic, examples(clinic))))
    today = timezone.localdate(timezone=clinic.zone).isoformat()
    faults, added = [], 0
    for target in forms:
        if target.form.method != "post":
            continue
        content = urlencode(target.form.filled(today), errors="surrogatepass")
        browser, before = sender.browser(target.sender), counts()
        signed_in = key(browser)
        try:
            with transaction.atomic():
                alone = send(browser, target, content)
                once = counts() - before
                raise _Undone
        except _Undone:
            pass
        if not once:  # refused for what a hurry left out, or nothing that leaves a row
            continue
        if key(browser) != signed_in:
            del sender.browsers[target.sender.pk]
        caches["brief"].clear()  # the sending that was taken back is remembered there, and would answer both
        came = twice(sender, target, content)
        sender.browsers.pop(target.sender.pk, None)  # a form may have handed its session to a client
        both = counts() - before
        added += bool(both)

        if any(isinstance(each, str) or each >= 500 for each in came):
            faults.append(f"{target.form.action}: {came}")
        elif not both:
            faults.append(f"{target.form.action}: nothing was done: {came}")
        elif both - once:
            faults.append(f"{target.form.action}: {alone} {dict(once)}, twice {came} {dict(both)}")
    assert not faults, "\n".join(faults)
    assert added > 20, "most of the forms add something"
