"""python -m bench.policies [--clients N] [--rounds N]: what row-level security costs each page, over real HTTP.

The same pages of the same clinic with its policies and without them, by turns: the owner switches them off and on.
What goes along with each statement to say whose rows it is about (staff/database/) is in both.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import django
import psycopg

if TYPE_CHECKING:
    from bench.browsing import Answer

CLIENTS, ROUNDS, TURNS, WARM_UP = 100_000, 8, 3, 2


def main() -> None:
    """Build what is missing, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.policies")
    parser.add_argument("--clients", type=int, default=CLIENTS, help="the clinic (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="times each page is opened in a turn")
    asked = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    django.setup()
    run(clients=asked.clients, rounds=asked.rounds)


def run(*, clients: int, rounds: int) -> None:
    """One run: as many turns with the policies as without."""
    from bench.browsing import Browser
    from bench.catalog import pages, subjects
    from bench.kept import database, on
    from bench.pages import opening
    from bench.serving import served, session_of

    name = database(clients)
    with served(name) as port:
        with on(name):
            found = subjects()
            browsers = {role: Browser(port, session_of(each)) for role, each in found.people.items()}
            calls = {page.name: opening(browsers[page.role], page.url) for page in pages(found) if not page.is_save}
        answers: dict[tuple[str, bool], list[Answer]] = defaultdict(list)
        try:
            for turn in range(2 * TURNS):
                is_bound = turn % 2 == 0
                switch(name, on=is_bound)
                for place in range(WARM_UP + rounds):
                    for page, call in calls.items():
                        answer = call()
                        if place >= WARM_UP:
                            answers[page, is_bound].append(answer)
                print(f"  turn {turn + 1} of {2 * TURNS}", file=sys.stderr, flush=True)
        finally:
            switch(name, on=True)
    print(f"\nWith row-level security, × without ({clients:,} clients, {TURNS * rounds} times each)")
    for page in calls:
        print(_line(page, answers[page, True], answers[page, False]), flush=True)


def switch(name: str, *, on: bool) -> None:
    """Let the policies of every table hold, or not."""
    from staff.row_security import bindings

    owner = os.environ.get("OWNER_DATABASE_URL") or os.environ["DATABASE_URL"]
    address = urlunsplit(urlsplit(owner)._replace(path=f"/{name}"))
    with psycopg.connect(address) as connection:
        for table in bindings():
            connection.execute(f'ALTER TABLE "{table}" {"ENABLE" if on else "DISABLE"} ROW LEVEL SECURITY')


def _line(page: str, bound: list[Answer], free: list[Answer]) -> str:
    whole, within = (
        (
            statistics.median(getattr(each, what) for each in bound),
            statistics.median(getattr(each, what) for each in free),
        )
        for what in ("milliseconds", "sql")
    )
    return (
        f"{page:<44} × {whole[0] / whole[1]:<5.2f} {whole[1]:.0f} → {whole[0]:.0f} ms"
        f"   in the database × {within[0] / within[1]:.2f}"
    )


if __name__ == "__main__":
    main()
