"""`manage.py migrate`: Django's, as the owner of the tables; afterwards every table is bound to clinics and roles."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import connection

from staff import row_security, table_rights
from staff.owner import as_owner


class Command(migrate.Command):
    """Django's command with the two things that follow from the models, not from a migration."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, then bind and grant. Not while only some migrations are wanted: their models are not these."""
        with as_owner():
            super().handle(*args, **options)
            if options["app_label"] or options["plan"] or options["check_unapplied"] or options["fake"]:
                return
            done = row_security.protect()
            if table_rights.has_role():
                table_rights.grant()
            if done and options["verbosity"] >= 1:
                self.stdout.write(f"Every row of {connection.settings_dict['NAME']} is bound to its clinic.")
