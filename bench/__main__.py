"""python -m bench [start] [finding] [lists] [chart] [--clients N]"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import django

NAMES = ("start", "finding", "lists", "chart")
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
    parser.add_argument("names", nargs="*", metavar="name", help=f"which: {', '.join(NAMES)} (default: all)")
    parser.add_argument("--clients", type=int, default=LARGE, help="the large clinic (default %(default)s)")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(NAMES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    names = set(asked.names) or set(NAMES)
    if "start" in names:
        from bench import start

        print("\nStarting")
        for line in start.run(os.environ["DATABASE_URL"]):
            print(line, flush=True)
    if names == {"start"}:
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    with own_database():
        run(names, large=asked.clients)


if __name__ == "__main__":
    main()
