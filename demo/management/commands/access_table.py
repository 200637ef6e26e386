"""Prints who may open what: each address by role and relation, with what the site answers when it is really asked."""

from __future__ import annotations

import contextlib
import csv
import logging
import tempfile
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.test.utils import override_settings

from demo.access_table import Relation, Row, rows
from demo.clinic import CLINIC
from staff.models import Clinic, Role

SHORT = {
    Role.INTAKE_COORDINATOR: "intake",
    Role.COUNSELOR: "counselor",
    Role.SUPERVISOR: "supervisor",
    Role.MEDICAL: "medical",
    Role.ADMINISTRATOR: "admin",
    Role.PRIVACY_OFFICER: "privacy",
}


@contextlib.contextmanager
def nothing_leaves() -> Iterator[None]:
    """No letter is sent, the demo's mailbox stays as it is, and refusals that are asked for aren't reported."""
    with (
        tempfile.TemporaryDirectory() as folder,
        override_settings(
            MAILBOX_DIR=folder,
            EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
            REQUIRE_SECOND_FACTOR=False,  # these people have none; what it asks for it asks of every page alike
            ALLOWED_HOSTS=["testserver"],
        ),
    ):
        logging.disable(logging.ERROR)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)


class Command(BaseCommand):
    """`access_table` on the demo clinic; everything is taken back at the end."""

    help = "Ask for every address as every role, near to the record and far from it, and print the answers."

    def add_arguments(self, parser: CommandParser) -> None:
        """How it is printed, and what of it."""
        parser.add_argument("--csv", action="store_true", help="As comma-separated values; the default is Markdown.")
        parser.add_argument("--markdown", action="store_true", help="As a table in Markdown (the default).")
        parser.add_argument("--only", action="append", default=[], metavar="NAME", help="Only this address; repeat it.")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Row by row, as they are found."""
        clinic = Clinic.objects.filter(name=CLINIC).first()
        if clinic is None:
            raise CommandError(
                "There is no demo clinic: manage.py seed_demo makes it. No other clinic’s records are used."
            )
        head = [
            "address",
            "method",
            *(f"{SHORT[Role(role)]}: {each.value}" for role in Role.values for each in Relation),
        ]
        with nothing_leaves():
            if options["csv"]:
                writer = csv.writer(self.stdout)
                writer.writerow(head)
                for row in rows(clinic, names=options["only"]):
                    writer.writerow([row.name, row.method, *_cells(row)])
                return
            self.stdout.write(f"Answers for: {' / '.join(each.value for each in Relation)}. – makes no difference.\n\n")
            self.stdout.write(_line(["address", "", *(SHORT[Role(role)] for role in Role.values)]))
            self.stdout.write(_line(["---"] * (2 + len(Role.values))))
            for row in rows(clinic, names=options["only"]):
                by_role = (_short([_cell(row, role, each) for each in Relation]) for role in Role.values)
                self.stdout.write(_line([row.name, row.method, *by_role]))


def _cells(row: Row) -> list[str]:
    return [_cell(row, role, relation) for role in Role.values for relation in Relation]


def _cell(row: Row, role: str, relation: Relation) -> str:
    answer = row.answers.get((role, relation))
    return "–" if answer is None else str(answer)


def _short(cells: list[str]) -> str:
    """Once, if they are all alike."""
    said = {each for each in cells if each != "–"}
    return said.pop() if len(said) == 1 else " / ".join(cells)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
