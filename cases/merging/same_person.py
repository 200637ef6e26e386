"""Which records are one person's, by merges that Onward carried out: for whoever checks where a signed note belongs."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from cases.models import Client, ClientMerge
from staff import sealed_entries


def one_person(records: Collection[int]) -> Mapping[int, int]:
    """Record → one number for all records of a person, merges that were undone included; by clinics of these records.

    A row in the table of merges is not enough: anyone who holds the database could insert one. The audit log has to
    have its entry, which no one can write without the key.
    """
    clinics = set(Client.objects.filter(pk__in=records).values_list("clinic", flat=True))
    carried_out = sealed_entries.subjects(
        act="cases.merge", subject_type=ClientMerge._meta.label_lower, clinics=clinics
    )
    person: dict[int, int] = {}
    for keep, absorb in ClientMerge.objects.filter(pk__in=carried_out).values_list("keep", "absorb"):
        one, other = person.setdefault(keep, keep), person.setdefault(absorb, absorb)
        person.update({record: one for record, whose in person.items() if whose == other})
    return person
