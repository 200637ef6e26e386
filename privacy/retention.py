"""How long records are kept, and whose time is over: derived and listed. Nothing here deletes anything.

State law says how long; the clinic enters its years. Someone who was a minor is kept until majority and some years
more. Part 2 asks for a way to destroy records (42 CFR 2.16(a)) and says what becomes of those of a program that
discontinues (2.19); docs/privacy.md says what this product does about it, and what it does not.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db.models import DateField, DateTimeField, Exists, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, ExtractYear, Greatest, TruncDate

from cases.models import Client, TreatmentEpisode
from cases.models.people.client import ClientQuerySet
from privacy.models import LegalHold
from privacy.thresholds import MAJORITY_AGE, MINOR_RETENTION_YEARS, RETENTION_YEARS
from staff.days import beginning_of
from staff.models import AuditEntry, Clinic, StaffMember
from staff.thresholds import values_for

KEEPING = ("privacy.place_legal_hold", "privacy.lift_legal_hold")  # acts that are not about the person's care


@dataclass(frozen=True)
class Period:
    """A clinic's retention period in years."""

    years: int
    majority: int
    minor_years: int

    def keep_until(self, client: Client, last_on: datetime.date) -> datetime.date:
        """The last day on which the record is kept, from the last day on which anything was entered about the person.

        Whose birth is not known in full counts as being as young as is possible.
        """
        until = years_after(last_on, self.years)
        born = client.birth_date or (datetime.date(client.birth_year, 12, 31) if client.birth_year else last_on)
        if years_after(born, self.majority) > last_on:
            until = max(until, years_after(born, self.majority + self.minor_years))
        return until


def period_of(clinic: Clinic) -> Period:
    """The clinic's numbers."""
    found = values_for(clinic, (RETENTION_YEARS, MAJORITY_AGE, MINOR_RETENTION_YEARS))
    return Period(found[RETENTION_YEARS.key], found[MAJORITY_AGE.key], found[MINOR_RETENTION_YEARS.key])


def years_after(day: datetime.date, years: int) -> datetime.date:
    """The same day so many years later (or before); Feb 29 becomes Mar 1, so that no record is kept too short."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return datetime.date(day.year + years, 3, 1)


def with_last_entry(clients: ClientQuerySet, clinic: Clinic) -> ClientQuerySet:
    """Clients with `last_on`: the last discharge, act about them, or registration, and `is_held`."""
    acts = AuditEntry.objects.filter(client_id=OuterRef("pk")).exclude(act__in=KEEPING).order_by("-at")
    stays = TreatmentEpisode.objects.filter(client=OuterRef("pk")).order_by().values("client")
    moment = Greatest(
        F("created_at"),
        Coalesce(Subquery(acts.values("at")[:1]), F("created_at"), output_field=DateTimeField()),
    )
    discharged = Subquery(stays.annotate(last=Max("discharged_on")).values("last"), output_field=DateField())
    return clients.annotate(
        last_on=Greatest(
            TruncDate(moment, tzinfo=clinic.zone),
            Coalesce(discharged, TruncDate(F("created_at"), tzinfo=clinic.zone), output_field=DateField()),
        ),
        is_held=Exists(LegalHold.objects.open().filter(client=OuterRef("pk"))),
    )


def past(clients: ClientQuerySet, *, by: StaffMember, on: datetime.date) -> ClientQuerySet:
    """Of these clients, those whose record was kept for the whole period, not in care, not on hold; oldest first.

    As `Period.keep_until`; around majority it errs to the longer time, by days.
    """
    period = period_of(by.clinic)
    open_stay = TreatmentEpisode.objects.open().filter(client=OuterRef("pk"))
    enough = years_after(on, -period.years)
    of_age_long = years_after(on, -period.majority - period.minor_years)
    known_adult = Q(birth_date__lt=F("last_on") - datetime.timedelta(days=366 * period.majority))
    known_adult |= Q(birth_date=None, birth_year__lt=ExtractYear("last_on") - period.majority)
    long_of_age = Q(birth_date__lt=of_age_long) | Q(birth_date=None, birth_year__lt=of_age_long.year)
    unknown = Q(birth_date=None, birth_year=None, last_on__lt=of_age_long)
    kept = with_last_entry(clients.current(), by.clinic).filter(created_at__lt=beginning_of(enough, by.clinic.zone))
    over = kept.filter(last_on__lt=enough, is_held=False)  # type: ignore[misc]  # annotated above
    return over.filter(known_adult | long_of_age | unknown).exclude(Exists(open_stay)).order_by("last_on", "pk")  # type: ignore[misc]


def held(clients: ClientQuerySet, *, by: StaffMember) -> ClientQuerySet:
    """Of these clients, those on legal hold, whether their time is over or not."""
    return with_last_entry(clients, by.clinic).filter(is_held=True).order_by("last_on", "pk")  # type: ignore[misc]
