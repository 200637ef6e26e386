"""What privacy/ hands out of a client's record for a copy of their own (45 CFR 164.524; named in RECORD_SOURCES)."""

from __future__ import annotations

from cases.models import Client
from privacy import suspensions
from privacy.models import Consent, Disclosure, RecordGiven
from staff.record_part import Part, part


def parts(client: Client) -> list[Part]:
    """Consents, disclosures and what was given before, without what the client isn't told for now (`suspensions`)."""
    not_told = suspensions.left_out(client)
    told = Disclosure.objects.filter(client=client).exclude(pk__in=not_told)
    given = RecordGiven.objects.filter(client=client).exclude(disclosure__in=not_told)
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
        part("disclosures", "Disclosures", told.order_by("disclosed_at", "pk")),
        # without the counts of what was in them: a copy for others would say that notes are held apart
        part("given", "Copies and lists given", given.order_by("at", "pk"), but=("contents",)),
    ]
