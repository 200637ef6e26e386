"""Which clinic's rows the database shows and takes, whatever a query forgot to ask (staff/row_security.py).

A request of somebody who is signed in sees their own clinic's rows (staff.middleware.ClinicScopeMiddleware). Jobs,
commands and pages for people who are not signed in work for every clinic, and filter by themselves.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import TypeVar

SETTING = "onward.clinic"
EVERY_CLINIC = "*"

Item = TypeVar("Item")

_scope: ContextVar[str] = ContextVar("clinic_scope", default=EVERY_CLINIC)


def statement() -> str:
    """SQL that tells the database, for the transaction that it is part of."""
    return f"SELECT set_config('{SETTING}', '{_scope.get()}', true); "


@contextlib.contextmanager
def only(clinic_id: int) -> Iterator[None]:
    """Inside, statements read and write this clinic's rows alone."""
    token = _scope.set(str(int(clinic_id)))
    try:
        yield
    finally:
        _scope.reset(token)


@contextlib.contextmanager
def every_clinic() -> Iterator[None]:
    """Inside, statements read and write every clinic's rows."""
    token = _scope.set(EVERY_CLINIC)
    try:
        yield
    finally:
        _scope.reset(token)


def streamed(items: Iterable[Item]) -> Iterator[Item]:
    """The items of a response that is sent after its view has returned, each made in the scope of now."""
    return _in_scope(iter(items), _scope.get())


def _in_scope(following: Iterator[Item], scope: str) -> Iterator[Item]:
    while True:
        token = _scope.set(scope)
        try:
            item = next(following)
        except StopIteration:
            return
        finally:
            _scope.reset(token)
        yield item
