"""A lock on a row lets those pass who only point to it.

An act holds the audit chain until it commits, and PostgreSQL checks its foreign keys then. If another act held one of
those rows by `FOR UPDATE` and waited for the audit chain, the two would wait for each other and one would fail in
somebody's face. `FOR NO KEY UPDATE` still lets two writers of the row take turns.
"""

from __future__ import annotations

import ast

from tests.house.sources import APPS, ROOT, python_files

# Here the stronger lock is meant: nothing may come to point to a row while everything that does is moved, and claims
# of the outbox write no audit entry.
MEANT = {"cases/merging/merges.py", "cases/recovery/wording_merge.py", "reminders/delivery.py", "reminders/opt_outs.py"}


def test_locks_let_those_pass_who_only_point_to_the_row() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for app in APPS
        for path in python_files(app)
        if str(path.relative_to(ROOT)) not in MEANT
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "select_for_update"
        and not any(each.arg == "no_key" for each in node.keywords)
    }
    assert not found, f"Say select_for_update(no_key=True): {sorted(found)}"
