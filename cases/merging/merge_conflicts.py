"""Merge conflicts: rows and values that two records may each have but one may not.

Nothing is dropped. A number on both records ends on one of them, a trigger with the same wording says which record it
is from, and if the two differ on privacy, the stricter setting wins. Each change keeps the previous value.
"""

from __future__ import annotations

import datetime

from django.conf import settings
from django.db.models.functions import Lower
from django.utils.module_loading import import_string

from cases.episodes import earlier_stays
from cases.episodes.admission_rules import AlreadyInProgram
from cases.models import (
    CareTeamMember,
    Client,
    ClientRestriction,
    CopingStrategy,
    TreatmentEpisode,
    Trigger,
    WarningSign,
)
from cases.row_changes import Change, changed
from staff.models import StaffMember

FILLED_IF_EMPTY = (
    "ssn_last4", "former_family_name", "preferred_name", "pronouns", "sex", "time_zone", "work_postal_code",
)  # fmt: skip
ADDRESS = ("street", "city", "state", "postal_code")
# The client's other columns, and why none of them is filled from the other record. A test holds that each column is in
# one of the three.
NOT_FILLED = {
    "id": "which record it is",
    "clinic": "the same in both",
    "given_name": "each record has a name, and the kept one's stands",
    "family_name": "the same; a different one becomes the former last name if there is none",
    "birth_date": "has a rule of its own (_birth)",
    "birth_year": "has a rule of its own (_birth)",
    "language": "is never empty: has a rule of its own (_language)",
    "must_not_reveal": "of both (_people)",
    "named_by_others": "the stricter of both (_people)",
    "merged_into": "says that it was merged",
    "created_at": "when the record was made",
}


def settle_conflicts(*, keep: Client, absorb: Client, by: StaffMember, now: datetime.datetime) -> list[Change]:
    """Change what would collide, what must become stricter, and what apps above say that one person has once
    (settings.MERGE_CONFLICTS). Raises AlreadyInProgram for two open episodes.
    """
    _check_episodes(keep, absorb)
    return [
        *_people(keep, absorb),
        *_contact_points(keep, absorb, now),
        *_care_team(keep, absorb, now),
        *_stays(keep, absorb),
        *(change for model in (Trigger, WarningSign, CopingStrategy) for change in _learned(model, keep, absorb)),
        *(
            change
            for path in settings.MERGE_CONFLICTS
            for change in import_string(path)(keep=keep, absorb=absorb, by=by, now=now)
        ),
    ]


def _check_episodes(keep: Client, absorb: Client) -> None:
    both = (
        TreatmentEpisode.objects.open()
        .filter(client=absorb, program__in=keep.episodes.open().values("program"))
        .select_related("program")
        .first()
    )
    if both is not None:
        raise AlreadyInProgram(f"Both records have an open episode in {both.program}. Discharge one first.")


def _stays(keep: Client, absorb: Client) -> list[Change]:
    """Mark overlapping stays in one program, and link each to the one that began most recently before it."""
    changes = []
    own, others = list(keep.episodes.all()), list(absorb.episodes.all())
    for each in others:
        same = keep.episodes.filter(program=each.program_id)
        if same.overlapping(since=each.admitted_on, until=each.discharged_on).exists() and not each.overlap_noted:
            changes.append(changed(each, "overlap_noted", f"Recorded under No. {absorb.pk} and No. {keep.pk}"))
    return changes + [changed(each, "prior_episode", before) for each, before in earlier_stays.links([*own, *others])]


def _people(keep: Client, absorb: Client) -> list[Change]:
    changes = [*_birth(keep, absorb), *_address(keep, absorb), *_language(keep, absorb)]
    changes += [
        changed(keep, name, getattr(absorb, name))
        for name in FILLED_IF_EMPTY
        if not getattr(keep, name) and getattr(absorb, name)
    ]
    if not keep.former_family_name and absorb.family_name.lower() != keep.family_name.lower():
        changes.append(changed(keep, "former_family_name", absorb.family_name))
    if keep.named_by_others and not absorb.named_by_others:
        changes.append(changed(keep, "named_by_others", False))
    if absorb.must_not_reveal and absorb.must_not_reveal not in keep.must_not_reveal:
        changes.append(
            changed(keep, "must_not_reveal", "\n".join(filter(None, (keep.must_not_reveal, absorb.must_not_reveal))))
        )
    return changes


def _birth(keep: Client, absorb: Client) -> list[Change]:
    """Take the date if one record has it and the other does not have a different year; the year is cleared first."""
    if keep.birth_date is not None or keep.birth_year not in (None, absorb.year_of_birth):
        return []
    after = {"birth_year": absorb.birth_year, "birth_date": absorb.birth_date}
    return [changed(keep, name, value) for name, value in after.items() if getattr(keep, name) != value]


def _address(keep: Client, absorb: Client) -> list[Change]:
    """Fill in what the kept address lacks, unless a part of it differs: two halves of two addresses are none."""
    own, other = ([getattr(record, name) for name in ADDRESS] for record in (keep, absorb))
    if any(mine and theirs and mine.casefold() != theirs.casefold() for mine, theirs in zip(own, other, strict=True)):
        return []
    return [
        changed(keep, name, theirs)
        for name, mine, theirs in zip(ADDRESS, own, other, strict=True)
        if theirs and not mine
    ]


def _language(keep: Client, absorb: Client) -> list[Change]:
    """Take the language that was entered if the kept record only has what every record begins with."""
    begins_with = Client._meta.get_field("language").default
    if keep.language != begins_with or absorb.language in ("", begins_with):
        return []
    return [changed(keep, "language", absorb.language)]


def _contact_points(keep: Client, absorb: Client, now: datetime.datetime) -> list[Change]:
    changes: list[Change] = []
    kept = {(point.kind, point.normalized): point for point in keep.contact_points.current()}
    preferred = {point.kind for point in kept.values() if point.is_preferred}
    for point in absorb.contact_points.current():
        twin = kept.get((point.kind, point.normalized))
        if point.is_preferred and (twin or point.kind in preferred):
            changes.append(changed(point, "is_preferred", False))
        if twin is None:
            continue
        changes.append(changed(point, "ended_at", now))
        for name in ("voicemail_ok", "messages_ok"):
            if getattr(twin, name) and not getattr(point, name):
                changes.append(changed(twin, name, False))
    return changes


def _care_team(keep: Client, absorb: Client, now: datetime.datetime) -> list[Change]:
    barred = ClientRestriction.objects.in_force().filter(client__in=(keep, absorb)).values("staff_member")
    team = CareTeamMember.objects.filter(client__in=(keep, absorb))
    leaving = team.filter(ends_at=None, staff_member__in=barred)
    covered = team.filter(ends_at__gt=now, covers_for__in=barred)  # nobody stands in for who may not see it
    changes = [
        changed(member, "ends_at", max(now, member.starts_at + CareTeamMember.SHORTEST))
        for member in (*leaving, *covered)
    ]
    kept = set(CareTeamMember.objects.filter(client=keep, ends_at=None).values_list("staff_member", "part"))
    has_primary = any(part == CareTeamMember.Part.PRIMARY for _, part in kept)
    for member in CareTeamMember.objects.filter(client=absorb, ends_at=None):
        part = member.part
        if part == CareTeamMember.Part.PRIMARY and has_primary and (member.staff_member_id, part) not in kept:
            part = CareTeamMember.Part.COUNSELOR  # one primary counselor for one person
        if (member.staff_member_id, part) in kept:
            changes.append(changed(member, "ends_at", max(now, member.starts_at + datetime.timedelta(microseconds=1))))
        elif part != member.part:
            changes.append(changed(member, "part", part))
            kept.add((member.staff_member_id, part))
    return changes


def _learned(model: type[Trigger | WarningSign | CopingStrategy], keep: Client, absorb: Client) -> list[Change]:
    kept = set(model.everything.filter(client=keep).values_list(Lower("wording"), flat=True))
    return [
        changed(row, "wording", f"{row.wording[:170]} (from record No. {absorb.pk})")
        for row in model.everything.filter(client=absorb)
        if row.wording.lower() in kept
    ]
