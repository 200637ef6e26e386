"""What privacy/ hands out of a client's record for a copy of their own (45 CFR 164.524; named in RECORD_SOURCES)."""

from __future__ import annotations

from cases.models import Client
from privacy.models import Consent, Disclosure, RecordGiven
from staff.record_part import Part, part


def parts(client: Client) -> list[Part]:
    """Consents, disclosures, and what was given to the client before."""
    return [
        part(
            "consents",
            "Consents",
            Consent.objects.filter(client=client).prefetch_related("statuses").order_by("pk"),
            also={
                "steps": (
                    "Steps",
                    lambda row: [{"step": each.get_status_display(), "at": each.at} for each in row.statuses.all()],
                )
            },
            covers=("privacy.ConsentStatus",),
        ),
        part("disclosures", "Disclosures", Disclosure.objects.filter(client=client).order_by("disclosed_at", "pk")),
        part("given", "Copies and lists given", RecordGiven.objects.filter(client=client).order_by("at", "pk")),
    ]
