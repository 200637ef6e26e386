"""python -m bench [start] [finding] [lists] [chart] [pages] [policies] [sending] [meetings] [finder] [load]"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import django

NAMES = ("start", "finding", "lists", "chart")
# Commands with options of their own.
OF_THEIR_OWN = ("pages", "policies", "sending", "meetings", "finder", "load")
SMALL, LARGE = 1_000, 100_000
DATABASE = "bench_onward"


@contextmanager
def own_database() -> Iterator[None]:
    """A migrated database that is always dropped afterward."""
    from django.db import connection

    print("  making a database", file=sys.stderr)
    before = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = DATABASE
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)


def run(names: set[str], *, large: int) -> None:
    """Measure what was requested and print it."""
    from bench import chart
    from bench.finding import Finding
    from bench.lists import Lists
    from bench.measuring import compared
    from bench.population import Population

    population = Population()
    population.grow(SMALL)
    if "chart" in names:
        print(f"\nOne chart with {chart.FEW} notes → {chart.MANY} notes")
        print(*chart.run(population), sep="\n", flush=True)
    growing = [made(population) for name, made in (("finding", Finding), ("lists", Lists)) if name in names]
    if not growing:
        return
    small = [each.figures() for each in growing]
    population.grow(large)
    print(f"\nA clinic with {SMALL:,} → {large:,} clients, {large / SMALL:.0f} times as many")
    for each, before in zip(growing, small, strict=True):
        for what, figure in each.figures().items():
            print(compared(what, before[what], figure), flush=True)
        print(*(f"  {line}" for line in each.notes()), sep="\n", flush=True)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Ratios between a small and a large clinic.")
    every = ", ".join((*NAMES, *OF_THEIR_OWN))
    parser.add_argument(
        "names", nargs="*", metavar="name", help=f"which: {every} (default: all but policies and the last three)"
    )
    parser.add_argument("--clients", type=int, default=LARGE, help="the large clinic (default %(default)s)")
    asked, options = parser.parse_known_args()
    if unknown := set(asked.names) - {*NAMES, *OF_THEIR_OWN}:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    names = set(asked.names) or {*NAMES, "pages", "sending"}
    if options and not names & set(OF_THEIR_OWN):
        parser.error(f"no such option: {' '.join(options)}")
    if "start" in names:
        from bench import start

        print("\nStarting")
        for line in start.run(os.environ["OWNER_DATABASE_URL"] or os.environ["DATABASE_URL"]):
            print(line, flush=True)
    if names & {"finding", "lists", "chart"}:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
        django.setup()
        with own_database():
            run(names, large=asked.clients)
    for each in OF_THEIR_OWN:
        if each in names:  # by settings of their own
            command = [sys.executable, "-m", f"bench.{each}", "--clients", str(asked.clients), *options]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
