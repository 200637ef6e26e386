"""The privacy officer's registers: a medical emergency, breaches, service organizations, recipients, a legal hold."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from privacy import breaches, legal_holds, medical_emergencies, recipients, service_agreements
from privacy.models import Disclosure
from staff.models import StaffMember

from .lives import DAY, Life

MANY_PEOPLE = 3


def fill(lives: Sequence[Life], *, now: datetime.datetime, privacy_officer: StaffMember) -> int:
    """One of each that waits for somebody, and one that doesn't. How many."""
    here = [life for life in lives if life.open_episode]
    today = now.astimezone(privacy_officer.clinic.zone).date()
    hurt = here[5 % len(here)]
    medical_emergencies.disclose(
        client=hurt.client,
        told="EMT Jordan Example",
        affiliation="Sample County EMS",
        nature="Found unresponsive in the waiting room, likely overdose",
        what="Methadone dose and last use; no allergies on record",
        no_consent="unable",
        disclosed_at=now - datetime.timedelta(minutes=20),
        by=hurt.counselor,
    )
    open_one = breaches.report(
        discovered_on=today - DAY * 52,
        happened_on=today - DAY * 54,
        what_happened="A counselor's bag with a printed session list was stolen from a parked car.",
        information="First and last names, days and times of sessions",
        by=here[0].counselor,
    )
    people = [life.client.pk for life in here[-MANY_PEOPLE:]]
    breaches.add_clients(breach=open_one, numbers=people, by=privacy_officer)
    breaches.assess(
        breach=open_one,
        nature="Full names beside sessions at a clinic that treats substance use: each person can be identified",
        whom="Unknown; whoever has the bag owes the clients no secrecy",
        viewed="Not known. The list lay open in a folder",
        mitigated="Police report filed; the bag was not found",
        decision="breach",
        by=privacy_officer,
    )
    breaches.report(
        discovered_on=today - DAY,
        what_happened="An appointment letter was handed to a person of the same last name at the front desk.",
        information="Name, date of an appointment",
        by=here[1 % len(here)].counselor,
    )
    for name, services, begun, last in (
        ("Example Toxicology Laboratory", "Laboratory analyses of urine samples", 400, 300),
        ("Sample Billing Services", "Billing and collection of claims", 380, -15),
        ("Testfield Shredding", "Destruction of paper records", 340, 25),
    ):
        service_agreements.add(
            name=name,
            services=services,
            agreed_on=today - DAY * begun,
            ends_on=today + DAY * last,
            is_bound=True,
            resists=True,
            by=privacy_officer,
        )
    for name, kind, known_by in (
        ("Dr. Lee Example", Disclosure.RecipientAs.TREATING, "License checked with the state, office called back"),
        ("Sample Health Plan", Disclosure.RecipientAs.PAYER, "Contract of January, provider line called"),
    ):
        recipients.add(name=name, kind=kind, known_by=known_by, by=privacy_officer)
    legal_holds.place(
        client=here[7 % len(here)].client,
        reason="Sample v. Demo, letter of counsel",
        from_on=today - DAY * 9,
        by=privacy_officer,
    )
    return 9
