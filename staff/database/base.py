"""The connection. Django finds it by the name of this file.

The clinic goes along with each statement, in its transaction: nothing of it is left on a connection that a pool hands
to another request, and a statement that nobody gave a clinic sees nothing.
"""

from __future__ import annotations

import contextlib
import re
from typing import Any

from django.db.backends.postgresql import base, operations
from django.db.backends.utils import CursorWrapper
from psycopg import sql as composing
from psycopg.pq import TransactionStatus

from staff import clinic_scope

# What reads or writes rows. Others (CREATE, SAVEPOINT, LOCK, VACUUM) ask for no row; some run in no transaction.
ABOUT_ROWS = re.compile(r"[\s(]*(SELECT|INSERT|UPDATE|DELETE|WITH|MERGE|EXPLAIN|VALUES|TABLE|DO)\b", re.IGNORECASE)
QUIET = (TransactionStatus.IDLE, TransactionStatus.INTRANS)  # the server takes a statement, and none is under way
FIRST = re.compile(rf"SELECT set_config\('{re.escape(clinic_scope.SETTING)}', '[^']*', true\); ")


# The stubs know neither what Django's cursors share nor how they are made.
_Wrapper: Any = CursorWrapper
_ServerCursor: Any = base.ServerSideCursor


class Scoped(_Wrapper):
    """Puts the clinic in front of each statement: one message to the server, one transaction, the last result."""

    def _execute(self, sql: Any, params: Any, *ignored: Any) -> Any:
        if self.db.left_open:
            self.db.close_left_open()
        if hasattr(self.cursor, "says_clinic") or not ABOUT_ROWS.match(sql if isinstance(sql, str) else "SELECT"):
            return super()._execute(sql, params, *ignored)
        first = clinic_scope.statement()
        whole = first + sql if isinstance(sql, str) else composing.Composed([composing.SQL(first), sql])
        result = super()._execute(whole, params, *ignored)
        self.cursor.nextset()
        return result

    def _executemany(self, sql: Any, param_list: Any, *ignored: Any) -> None:
        for params in param_list:
            self._execute(sql, params, *ignored)


class LoggedAndScoped(base.CursorDebugWrapper, Scoped):
    """The same where statements are logged."""


class ScopedServerCursor(_ServerCursor):
    """A cursor whose rows stay on the server while they are read.

    Who stops reading halfway may let go of it much later: a download that broke off is part of a cycle, and Python
    finds those in the middle of anything. By then its transaction may be gone and the cursor with it, and to close
    what isn't there would abort the transaction that is under way, of somebody else's request.
    """

    says_clinic = True
    is_read_to_end = False
    left_open: list[ScopedServerCursor]  # of its connection

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """Declare it in a transaction that knows the clinic; without one around it, the rows are kept for after it."""
        with self.connection.transaction() if self.connection.autocommit else contextlib.nullcontext():
            self.connection.execute(clinic_scope.statement())
            return super().execute(query, params, **options)

    def fetchmany(self, size: int = 0) -> Any:
        """The next rows; none at the end."""
        rows = super().fetchmany(size)
        self.is_read_to_end = not rows
        return rows

    def close(self) -> None:
        """Close it here and on the server: now, or before the next statement if now nothing can be said to it."""
        if self.closed or self.connection.closed:
            super().close()
        elif not self._close_now():
            self.is_read_to_end = False  # by then, its transaction may be gone
            self.left_open.append(self)

    def _close_now(self) -> bool:
        # Without waiting: whoever holds the lock may be this very thread, amid a statement, where a cycle was found.
        if not self.connection.lock.acquire(blocking=False):
            return False
        try:
            server = self.connection.pgconn
            if server.pipeline_status or server.transaction_status not in QUIET:
                return False
            if not self.is_read_to_end:
                self._described = False  # so the driver asks first whether it is still there
            self.connection.wait(self._close_gen())
            self._close()
        finally:
            self.connection.lock.release()
        return True


class Operations(operations.DatabaseOperations):
    """Django's, which log a statement without the clinic in front of it."""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> Any:
        """The statement as it was asked for."""
        said = super().last_executed_query(cursor, sql, params)
        return FIRST.sub("", said, count=1) if said else said


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, with cursors that say the clinic."""

    ops_class = Operations

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.left_open: list[ScopedServerCursor] = []

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor of the driver; with a name, one whose rows stay on the server."""
        if not name:
            return super().create_cursor()
        hold = self.connection.autocommit
        cursor = ScopedServerCursor(self.connection, name=name, scrollable=False, withhold=hold)
        cursor.left_open = self.left_open
        return cursor

    def close_left_open(self) -> None:
        """Close what was let go of while nothing could be said to the server; what still can't stays for later."""
        for cursor in [self.left_open.pop() for _ in range(len(self.left_open))]:
            cursor.close()

    def make_cursor(self, cursor: Any) -> CursorWrapper:
        """Wrap a cursor of the driver."""
        return Scoped(cursor, self)

    def make_debug_cursor(self, cursor: Any) -> base.CursorDebugWrapper:
        """Wrap a cursor of the driver, and log what it executes."""
        return LoggedAndScoped(cursor, self)
