"""`python -m launcher.prepare FILE`: migrations, the demo clinic, and its logins into FILE, in one start of Django.

What it expects of `manage.py seed_demo`: with `--check` it fails unless the demo clinic is there and complete; with
`--logins` it prints the table of logins; with neither it creates the clinic, in one transaction.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import django
from django.apps import apps
from django.core.management import CommandError, call_command, get_commands
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from launcher.console import say, step, use
from launcher.demo import OF_ANOTHER_VERSION
from launcher.paths import ROOT


def main(logins: Path) -> int:
    """Make the database of DATABASE_URL ready for the demo. Returns the exit code."""
    use(sys.stdout)
    django.setup()
    executor = MigrationExecutor(connection)
    if gone(executor):
        return OF_ANOTHER_VERSION
    migrate(executor)
    logins.unlink(missing_ok=True)
    if "seed_demo" not in get_commands():
        return 0
    if not succeeds("--check"):
        say("  Making the demo clinic:")
        call_command("seed_demo")
    table = io.StringIO()
    call_command("seed_demo", "--logins", stdout=table)
    logins.write_text(table.getvalue())
    return 0


def gone(executor: MigrationExecutor) -> list[str]:
    """Migrations of Onward that the database went through and this version no longer has."""
    ours = {config.label for config in apps.get_app_configs() if Path(config.path).parent == ROOT}
    loader = executor.loader
    return sorted(
        f"{app}.{name}"
        for app, name in loader.applied_migrations
        if app in ours and (app, name) not in loader.graph.nodes
    )


def migrate(executor: MigrationExecutor) -> None:
    """Apply missing migrations, with a dot for each."""
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if not missing:
        call_command("migrate", verbosity=0, interactive=False)  # what follows from the models may have changed
        return
    with step(f"Bringing the database up to date ({missing} steps)") as dot:
        call_command("migrate", verbosity=1, stdout=_Dots(dot), no_color=True, interactive=False)


def succeeds(option: str) -> bool:
    """Whether seed_demo succeeds with this option. Its output is not shown."""
    try:
        call_command("seed_demo", option, stdout=io.StringIO(), stderr=io.StringIO())
    except (CommandError, SystemExit) as ended:
        return isinstance(ended, SystemExit) and not ended.code
    return True


class _Dots(io.StringIO):
    """Reads the output of `migrate` and prints a dot for each finished migration."""

    def __init__(self, dot: Callable[[], None]) -> None:
        super().__init__()
        self.dot = dot

    def write(self, text: str) -> int:
        if text.strip() == "OK":
            self.dot()
        return len(text)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
