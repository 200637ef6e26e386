"""Validation rules for admissions, level-of-care changes and discharges."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable

from django.utils import timezone

from cases import levels
from cases.models import Client, Inquiry, LevelOfCareAssessment, LevelOfCarePeriod, Relapse, TreatmentEpisode
from cases.possible_days import check_admission
from staff.access import Permission, demand
from staff.days import beginning_of, day_in_words
from staff.models import Clinic, Program, StaffMember
from staff.refusals import NotPermitted, Refusal
from staff.typed_days import check_moments


class AlreadyInProgram(Refusal):
    """One open episode per program."""

    sentence = "This client already has an open episode in this program. Discharge it, or change its level of care."


class ProgramFull(Refusal):
    """No place is free."""


class ProgramClosed(Refusal):
    """The program is not admitting."""

    sentence = "This program is not admitting now. Choose another program."


class DateNotPossible(Refusal):
    """The date contradicts what is on record."""


class NotAsDecided(Refusal):
    """The level of care is of another setting than the clinician decided."""


class NotDecided(Refusal):
    """The placement assessment has no decision."""

    sentence = "Decide the level of care on the placement assessment first."


class NotTheirs(Refusal):
    """The inquiry, return to use or assessment is about someone else."""

    sentence = "That record belongs to another client."


class NotOpen(Refusal):
    """The episode is discharged."""

    sentence = "This episode has been discharged."


class CareChangeReasonNeeded(Refusal):
    """A transfer has a reason, a discharge one of the list."""

    sentence = "Enter a reason."


class TooLate(Refusal):
    """A discharge can be taken back within a day."""

    sentence = "A discharge can be undone only within a day. Readmit the client instead."


def check_theirs(
    client: Client,
    program: Program,
    inquiry: Inquiry | None,
    relapse: Relapse | None,
    assessment: LevelOfCareAssessment | None,
) -> None:
    if program.clinic_id != client.clinic_id:
        raise NotPermitted
    if not program.is_open:
        raise ProgramClosed
    for record in (inquiry, relapse, assessment):
        if record is not None:
            check_about(record, client)
    if inquiry is not None and inquiry.clinic_id != client.clinic_id:
        raise NotTheirs


def check_about(record: Inquiry | Relapse | LevelOfCareAssessment, client: Client) -> None:
    """Refuse records about someone else; a call need not be about anyone yet. Raises NotTheirs."""
    if record.client_id not in (None, client.pk):
        raise NotTheirs


def check_decided(
    inquiry: Inquiry | None, assessment: LevelOfCareAssessment | None, level_code: str, setting: int
) -> None:
    """An assessment that exists is decided before anyone is admitted on it, and to a level of the setting decided."""
    latest = assessment
    if latest is None and inquiry is not None:
        latest = inquiry.assessments.order_by("-assessed_at", "-pk").first()
    if latest is not None and latest.decided_at is None:
        raise NotDecided
    if latest is not None and latest.decided_setting != setting:
        raise NotAsDecided(
            f"{latest.get_decided_setting_display()} was decided, but level {level_code} is a different setting. "
            "Choose a level in that setting, or reassess and give a reason."
        )


def check_dates(client: Client, program: Program, admitted_on: datetime.date) -> None:
    if admitted_on > today(client.clinic):
        raise DateNotPossible("The admission date can’t be in the future.")
    check_admission(client, admitted_on)
    in_program = client.episodes.filter(program=program)
    if in_program.open().exists():
        raise AlreadyInProgram
    other = in_program.overlapping(since=admitted_on, until=None).order_by("admitted_on").first()
    if other is None:
        return
    if other.admitted_on <= admitted_on:
        raise DateNotPossible("On that date this client was still in an earlier episode in this program.")
    raise DateNotPossible(
        f"This client was admitted to {program} on {day_in_words(other.admitted_on)}, after that date. "
        "Episodes in one program can’t overlap: choose another program, or a date after the last discharge."
    )


def moment_of_admission(
    clinic: Clinic, admitted_on: datetime.date, admitted_at: datetime.datetime | None
) -> datetime.datetime | None:
    """The moment of admission, to the minute: as given, or now for today; None if the hour is unknown.

    Raises DateNotPossible if the moment is not on the day of admission, or is in the future.
    """
    now = timezone.now()
    if admitted_at is None:
        admitted_at = now if admitted_on == timezone.localdate(now, clinic.zone) else None
    elif timezone.localdate(admitted_at, clinic.zone) != admitted_on:
        raise DateNotPossible("The admission time must be on the admission date.")
    elif admitted_at > now:
        raise DateNotPossible("The admission time can’t be in the future.")
    return admitted_at and admitted_at.replace(second=0, microsecond=0)


def why_full(program: Program, client: Client, inquiry: Inquiry | None = None) -> str:
    """Why there is no opening, in a sentence; empty if one is free or was offered to this person."""
    kept = offered_to_others(program, client, inquiry)
    if places_free(program) - kept > 0:
        return ""
    if kept and places_free(program) > 0:
        return f"{program} has no openings left: the rest are offered to other people."
    return f"{program} is full ({program.capacity} of {program.capacity})."


def require_place(full: str, *, by: StaffMember, reason: str = "") -> None:
    """Where there is no place (`why_full`), a supervisor admits with a reason. Raises ProgramFull, NotPermitted."""
    if not full:
        return
    if not reason.strip():
        raise ProgramFull(f"{full} Add the person to the wait list, or have a supervisor admit with a reason.")
    demand(by, Permission.EPISODE_OVERRIDE)


def check_change(
    episode: TreatmentEpisode,
    current: LevelOfCarePeriod | None,
    level: levels.Level,
    starts_at: datetime.datetime,
    clinic: Clinic,
) -> None:
    if starts_at < start_of(episode.admitted_on, clinic):
        raise DateNotPossible("The change can’t be before the admission.")
    if starts_at > timezone.now():
        raise DateNotPossible("The change can’t be in the future.")
    check_moments(starts_at)
    if current is None:
        return
    if starts_at <= current.starts_at:
        raise DateNotPossible("The current level of care began later. Choose a later time.")
    if current.level_code == level.code:
        raise DateNotPossible(f"Level {level.code} is already the current level.")


def start_of(day: datetime.date, clinic: Clinic) -> datetime.datetime:
    return beginning_of(day, clinic.zone)


def today(clinic: Clinic) -> datetime.date:
    return timezone.localdate(timezone=clinic.zone)


def places_free(program: Program) -> int:
    """Free capacity; negative if a supervisor admitted over capacity."""
    return program.capacity - TreatmentEpisode.objects.filter(program=program).open().count()


def places_to_offer(program: Program, on: datetime.date) -> int:
    """Openings neither filled nor offered."""
    return places_to_offer_by([program], on)[program.pk]


def places_to_offer_by(programs: Iterable[Program], on: datetime.date) -> dict[int, int]:
    """The same for many programs, by id, in two queries whatever their number. Below zero: beyond capacity."""
    capacity = {program.pk: program.capacity for program in programs}
    cared_for = TreatmentEpisode.objects.open().filter(program__in=capacity)
    offered = Inquiry.objects.offered(on).filter(program__in=capacity)
    taken = Counter(cared_for.values_list("program", flat=True)) + Counter(offered.values_list("program", flat=True))
    return {pk: places - taken[pk] for pk, places in capacity.items()}


def offered_to_others(program: Program, client: Client, inquiry: Inquiry | None) -> int:
    """Openings held today for other people."""
    offers = Inquiry.objects.filter(program=program).offered(today(client.clinic)).exclude(client=client)
    return offers.exclude(pk=inquiry.pk).count() if inquiry else offers.count()
