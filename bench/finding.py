"""Finding former clients whose names were misspelled on the phone."""

from __future__ import annotations

import re

from bench.measuring import Figure, measure
from bench.population import Population
from cases.models import Client
from cases.people import finding

ASKED = 20


def misspelt(name: str) -> str:
    """Two neighboring letters in the middle exchanged, as in “Whitfeild”."""
    middle = len(name) // 2
    return name[: middle - 1] + name[middle] + name[middle - 1] + name[middle + 1 :]


class Finding:
    """The same twenty people looked for each time."""

    def __init__(self, population: Population) -> None:
        self.by = population.intake
        self.wanted = list(Client.objects.filter(clinic=population.clinic).order_by("pk")[300 : 300 + ASKED])

    def figures(self) -> dict[str, Figure]:
        """By name alone, and with a birth date as intake asks for it."""
        return {
            "find 20 by misspelt name": measure(lambda: [self._likely(each) for each in self.wanted], calls=5),
            "find 20 by misspelt name and birth date": measure(
                lambda: [self._likely(each, with_birth_date=True) for each in self.wanted], calls=5
            ),
            "search box, one word": measure(
                lambda: finding.search(staff_member=self.by, text=misspelt(self.wanted[0].family_name))
            ),
        }

    def notes(self) -> list[str]:
        """Whether they are found, and with which indexes."""
        found = first = 0
        indexes: set[str] = set()
        scans = 0
        for each in self.wanted:
            matches = [match.client for match in self._likely(each, with_birth_date=True)]
            found += each in matches
            first += matches[:1] == [each]
            family = misspelt(each.family_name)
            both = finding.Identifiers(each.given_name, family, each.birth_date)
            for path in [
                *finding.candidates(self.by, both),
                *finding.candidates(self.by, finding.Identifiers("", family)),
            ]:
                plan = path.explain()
                indexes |= set(re.findall(r"Index (?:Only )?Scan (?:using|on) (\w+)", plan))
                scans += "Seq Scan on cases_client" in plan
        return [
            f"found with birth date: {found} of {ASKED}, {first} of them first",
            f"whole-table scans in their plans: {scans}; indexes: {', '.join(sorted(indexes))}",
        ]

    def _likely(self, client: Client, *, with_birth_date: bool = False) -> list[finding.Match]:
        return finding.likely(
            staff_member=self.by,
            given_name=client.given_name,
            family_name=misspelt(client.family_name),
            birth_date=client.birth_date if with_birth_date else None,
        )
