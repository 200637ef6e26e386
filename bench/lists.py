"""Pages that show many people: Today and the list of clients."""

from __future__ import annotations

from django.urls import reverse

from bench.measuring import Figure, measure, opening
from bench.population import Population
from cases.models import Client


class Lists:
    """As a counselor, who sees fifty people, and as a supervisor, who sees all."""

    def __init__(self, population: Population) -> None:
        self.population = population

    def figures(self) -> dict[str, Figure]:
        """Each page for each of them."""
        clients = Client.objects.filter(clinic=self.population.clinic).order_by("-family_name", "-given_name", "-pk")
        late = clients.values_list("pk", flat=True)[60]
        pages = {
            "Today": reverse("desk:today"),
            "client list": reverse("cases:clients"),
            "client list, last page": f"{reverse('cases:clients')}?after={late}",
            "client list, in care": f"{reverse('cases:clients')}?care=open",
        }
        people = {"counselor": self.population.counselors[0], "supervisor": self.population.supervisor}
        return {
            f"{page}, {role}": measure(opening(url, by=by))
            for page, url in pages.items()
            for role, by in people.items()
        }

    def notes(self) -> list[str]:
        """Nothing beyond the figures."""
        return []
