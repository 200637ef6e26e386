"""One process of the bare loop that sending is compared with; `bench.sending` starts as many as it has workers.

The fastest outbox that still loses nothing: lock the next row, take it, mark it, commit. No checks, history or audit.
"""

from __future__ import annotations

import sys

import django

from bench.sending import take


def empty() -> int:
    """Go on until nothing is due. Returns how many left."""
    from django.db import connection, transaction

    taken = 0
    with connection.cursor() as cursor:
        while True:
            with transaction.atomic():
                cursor.execute(
                    "SELECT id, body FROM bench_bare WHERE state = 'pending' AND due_at <= now() "
                    "ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"
                )
                row = cursor.fetchone()
                if row is None:
                    return taken
                take(row)
                cursor.execute("UPDATE bench_bare SET state = 'sent' WHERE id = %s", [row[0]])
                taken += 1


if __name__ == "__main__":
    django.setup()
    from django.db import connection

    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()  # all begin together
    print(empty(), flush=True)
