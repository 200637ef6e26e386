"""Rows read from the server bit by bit, and left half read: whoever works next on the connection notices nothing.

A download that breaks off, a form whose rendering failed: what was reading is often let go only when Python looks for
cycles, in the middle of another request.
"""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import StreamingHttpResponse
from psycopg.errors import DivisionByZero

from cases.models import Client
from staff import clinic_scope
from tests import factories


class _Undone(Exception):
    """Takes back a transaction."""


def left_open() -> int:
    """Cursors that the server still keeps for this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_cursors WHERE name LIKE '_django_curs_%%'")
        return int(cursor.fetchone()[0])


def half_read() -> Any:
    """Somebody reads the first of several clients."""
    rows = iter(Client.objects.order_by("pk").iterator(chunk_size=1))
    next(rows)
    return rows


def let_go_by_the_collector(reader: Any) -> None:
    """As with a response that leads to its request and back: it goes with a search for cycles."""
    cycle: list[Any] = [reader]
    cycle.append(cycle)


@pytest.fixture
def three(db: None) -> list[Client]:
    return factories.ClientFactory.create_batch(3)


def taken_back(read: Callable[[], Any]) -> Any:
    """A reader whose savepoint, and with it the server's cursor, is gone."""
    with contextlib.suppress(_Undone), transaction.atomic():
        reader = read()
        raise _Undone
    return reader


def test_what_was_left_half_read_before_a_rollback_harms_no_later_act(three: list[Client]) -> None:
    reader = taken_back(half_read)
    with transaction.atomic():
        reader.close()
        assert Client.objects.count() == 3
    let_go_by_the_collector(taken_back(half_read))
    with transaction.atomic():
        gc.collect()
        assert Client.objects.count() == 3
    assert left_open() == 0


def test_a_download_that_nobody_reads_to_its_end_harms_no_later_act(three: list[Client]) -> None:
    """The server closes it when the browser hangs up; another is only let go of."""

    def download() -> Any:
        lines = clinic_scope.streamed(f"{each.pk}\n" for each in Client.objects.iterator(chunk_size=1))
        answer = StreamingHttpResponse(lines)
        next(iter(answer))
        return answer

    answer = taken_back(download)
    with transaction.atomic():
        for close in answer._resource_closers:  # all that `answer.close()` does but for ending the test's connection
            close()
        assert Client.objects.count() == 3
    let_go_by_the_collector(taken_back(download))
    with transaction.atomic():
        gc.collect()
        assert Client.objects.count() == 3
    assert left_open() == 0


def test_a_reader_that_was_never_read_or_read_to_its_end_leaves_nothing(three: list[Client]) -> None:
    never = taken_back(lambda: iter(Client.objects.iterator(chunk_size=1)))
    whole = taken_back(lambda: iter(list(Client.objects.iterator(chunk_size=1))))
    with transaction.atomic():
        del never, whole
        gc.collect()
        assert Client.objects.count() == 3
    assert left_open() == 0


def test_a_reader_dropped_within_its_transaction_is_closed_at_once(three: list[Client]) -> None:
    reader = half_read()
    assert left_open() == 1
    del reader
    assert left_open() == 0


def fail_and_drop(held: list[Any]) -> None:
    """Let go of a reader while nothing can be said to the server, which waits for the end of the transaction."""
    with contextlib.suppress(DivisionByZero), connection.connection.transaction():
        try:
            connection.connection.execute("SELECT 1 / 0")
        finally:
            held.clear()


def test_a_reader_dropped_after_an_error_of_the_database_is_closed_with_the_next_statement(three: list[Client]) -> None:
    fail_and_drop([half_read()])
    assert left_open() == 0
    assert Client.objects.count() == 3


def test_a_reader_dropped_while_the_driver_is_at_work_waits_for_it(three: list[Client]) -> None:
    """The collector also runs inside the driver, which then holds its lock: waiting for that would be for ever."""
    held = [half_read()]
    done = threading.Event()
    dropping = threading.Thread(target=lambda: (held.clear(), done.set()))
    with connection.connection.lock:
        dropping.start()
        assert done.wait(5), "in one thread, the driver would wait for itself"
    dropping.join()
    assert left_open() == 0


def test_a_reader_dropped_amid_a_pipeline_breaks_none(three: list[Client]) -> None:
    reader = taken_back(half_read)
    with transaction.atomic():
        with connection.connection.pipeline():
            first = connection.connection.execute("SELECT 1")
            del reader
            second = connection.connection.execute("SELECT 2")
        assert (first.fetchone(), second.fetchone()) == ((1,), (2,))
        assert Client.objects.count() == 3
    assert left_open() == 0


@pytest.mark.django_db(transaction=True)
def test_without_a_transaction_around_it_a_reader_dropped_in_one_is_closed() -> None:
    factories.ClientFactory.create_batch(3)
    reader = half_read()
    assert left_open() == 1
    with transaction.atomic():
        del reader
        assert Client.objects.count() == 3
        assert left_open() == 0
    fail_and_drop([half_read()])
    assert left_open() == 0, "its rows would be kept as long as the connection"


@pytest.mark.django_db(transaction=True)
def test_a_reader_dropped_after_its_connection_has_ended_harms_no_other() -> None:
    factories.ClientFactory.create_batch(3)
    reader = half_read()
    connection.close()
    del reader
    with transaction.atomic():
        assert Client.objects.count() == 3
