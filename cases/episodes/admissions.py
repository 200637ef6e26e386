"""Admission, transfer between levels of care, and discharge.

One episode runs from an admission to a discharge. A change of level stays within it; an admission after a discharge
opens the next one, linked to the one before. How often someone has been here is a query, never a counter.
"""

from __future__ import annotations

import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cases import inquiry_rules, levels
from cases.codes import DischargeReason, PresentingReason
from cases.data_set_codes import Point
from cases.medical import medical_needs
from cases.models import Client, Inquiry, LevelOfCareAssessment, LevelOfCarePeriod, Relapse, TreatmentEpisode
from cases.people import care_team
from cases.safety import safety_holds
from staff.access import Permission, demand
from staff.acts import act
from staff.models import Program, StaffMember
from staff.refusals import NotPermitted

from . import admission_rules as rules
from . import earlier_stays
from .admission_rules import (
    AlreadyInProgram,
    CareChangeReasonNeeded,
    DateNotPossible,
    NotAsDecided,
    NotDecided,
    NotOpen,
    NotTheirs,
    ProgramClosed,
    ProgramFull,
    TooLate,
    places_free,
)

__all__ = [
    "AlreadyInProgram",
    "CareChangeReasonNeeded",
    "DateNotPossible",
    "NotAsDecided",
    "NotDecided",
    "NotOpen",
    "NotTheirs",
    "ProgramClosed",
    "ProgramFull",
    "TooLate",
    "admit",
    "change_level_of_care",
    "discharge",
    "places_free",
    "presenting_reason",
    "prior_count",
    "prior_to",
    "undo_discharge",
]


def admit(
    *,
    client: Client,
    program: Program,
    level_of_care: str | levels.Level | levels.HasLevelCode,
    admitted_on: datetime.date,
    by: StaffMember,
    inquiry: Inquiry | None = None,
    relapse: Relapse | None = None,
    assessment: LevelOfCareAssessment | None = None,
    over_capacity_reason: str = "",
    unmet_need_reason: str = "",
    admitted_at: datetime.datetime | None = None,
    went_on_because: str = "",
) -> TreatmentEpisode:
    """Open an episode at its first level of care, link it to the previous one, and mark its inquiry admitted.

    `admitted_at` is the moment on that day, to the minute. If it is not given, it is now for an admission today; None
    for an earlier day means the hour is unknown, and the first level of care then begins with the day.

    `level_of_care` is a code such as "2.1" (levels.find). The care team does not change. A full program needs a
    supervisor and a reason, and so does a level or program that cannot meet the medical need decided. Required safety
    steps come first (safety/safety_holds.py), but a danger keeps no one out: anyone who may admit can give the reason
    in `went_on_because`, and a client in care who is admitted to more care needs no reason. Raises HeldOpen,
    NotPermitted, AlreadyInProgram, ProgramFull, ProgramClosed, DateNotPossible, NotDecided, NotAsDecided, NotTheirs,
    levels.UnknownLevel, medical_needs.UnmetNeed, and for impossible days BeforeBirth, BeforeTreatment.
    """
    demand(by, Permission.EPISODE_ADMIT, client)
    level = levels.find(level_of_care, client.clinic)
    with act(inquiry_rules.ADMIT, by=by, client=client) as entry:
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        program = Program.objects.select_for_update(no_key=True).get(pk=program.pk)
        inquiry = inquiry and Inquiry.objects.select_for_update(no_key=True).get(pk=inquiry.pk)
        rules.check_theirs(client, program, inquiry, relapse, assessment)
        rules.check_decided(inquiry, assessment, level.code, level.setting)
        admitted_at = rules.moment_of_admission(client.clinic, admitted_on, admitted_at)
        rules.check_dates(client, program, admitted_on)
        lacking = medical_needs.gap(client=client, level=level, program=program, assessment=assessment)
        medical_needs.require_reason(lacking, unmet_need_reason, by=by)
        unmet_need_reason = medical_needs.reason_kept(lacking, unmet_need_reason)
        full = rules.why_full(program, client, inquiry)
        rules.require_place(full, by=by, reason=over_capacity_reason)
        owed = _owed_before(client, level, now_at=_levels_of(client))
        safety_holds.require_clearance(owed, went_on_because)
        went_on_because = safety_holds.reason_kept(owed, went_on_because)
        episode = TreatmentEpisode.objects.create(
            client=client,
            program=program,
            admitted_on=admitted_on,
            admitted_at=admitted_at,
            presenting_reason=presenting_reason(client, admitted_on),
            prior_episode=prior_to(client, admitted_on),
            inquiry=inquiry,
            relapse=relapse,
            assessment=assessment,
            over_capacity_reason=over_capacity_reason.strip() if full else "",
            admitted_by=by,
        )
        LevelOfCarePeriod.objects.create(
            episode=episode,
            criteria_edition=level.edition,
            level_code=level.code,
            setting=level.setting,
            starts_at=admitted_at or rules.start_of(admitted_on, client.clinic),
            unmet_need_reason=unmet_need_reason,
            went_on_because=went_on_because,
            assessment=assessment,
            decided_by=by,
        )
        earlier_stays.relink(client)  # one that began later, recorded first, now follows this one
        if inquiry is not None:
            inquiry.client = client
            inquiry_rules.set_stage(inquiry, Inquiry.Stage.ADMITTED, act=inquiry_rules.ADMIT)
            inquiry_rules.tell(settings.INQUIRY_LINKED, inquiry=inquiry, client=client, by=by)
        if not client.care_team.current().filter(part=care_team.Part.PRIMARY).exists():
            care_team.join(client=client, by=by)
        entry.about(
            episode,
            program=program.pk,
            level=level.code,
            prior=episode.prior_episode_id,
            unmet_need=bool(unmet_need_reason),
            went_on=bool(went_on_because),
        )
    return episode


def prior_to(client: Client, day: datetime.date) -> TreatmentEpisode | None:
    """The latest episode that began on or before the day."""
    return client.episodes.filter(admitted_on__lte=day).order_by("-admitted_on", "-pk").first()


def prior_count(episode: TreatmentEpisode) -> int:
    """How many episodes of treatment the client had before this one (TEDS NOPRIOR, before capping)."""
    stays = TreatmentEpisode.objects.filter(client=episode.client_id).prefetch_related("level_of_care_periods")
    return earlier_stays.count(episode, stays, zone=episode.client.clinic.zone)


def presenting_reason(client: Client, day: datetime.date) -> str:
    """The type of admission, from the record: first time, from another open episode, or returning."""
    earlier = client.episodes.filter(admitted_on__lte=day)
    if not earlier.exists():
        return PresentingReason.FIRST_TIME
    if earlier.open().exists():
        return PresentingReason.STEP_DOWN
    return PresentingReason.RETURN_AFTER_TREATMENT


def change_level_of_care(
    *,
    episode: TreatmentEpisode,
    level_of_care: str | levels.Level | levels.HasLevelCode,
    starts_at: datetime.datetime | datetime.date,
    reason: str,
    by: StaffMember,
    program: Program | None = None,
    assessment: LevelOfCareAssessment | None = None,
    unmet_need_reason: str = "",
    went_on_because: str = "",
) -> LevelOfCarePeriod:
    """End the current level at `starts_at` and begin the next at the same moment, in the same episode.

    A date means the beginning of that day in the clinic's zone. `program` also transfers the client to another program.
    Plan and goals belong to the episode and stay open. `assessment` is the decision that the change carries out. A
    level that cannot meet the medical need decided needs a supervisor's reason. Required safety steps come before a
    step down or sideways, unless `went_on_because` gives a reason; a step up in care never waits and needs no reason.
    Raises NotPermitted, NotOpen, DateNotPossible, CareChangeReasonNeeded, ProgramFull, NotDecided, NotAsDecided,
    NotTheirs, HeldOpen, medical_needs.UnmetNeed.
    """
    demand(by, Permission.EPISODE_ADMIT, episode.client)
    clinic = episode.client.clinic
    level = levels.find(level_of_care, clinic)
    if not reason.strip():
        raise CareChangeReasonNeeded
    if not isinstance(starts_at, datetime.datetime):
        starts_at = rules.start_of(starts_at, clinic)
    with act("cases.change_level_of_care", by=by, client=episode.client) as entry:
        episode = TreatmentEpisode.objects.select_for_update(no_key=True).get(pk=episode.pk)
        if not episode.is_open:
            raise NotOpen
        current = episode.level_of_care_periods.select_for_update(no_key=True).order_by("-starts_at").first()
        rules.check_change(episode, current, level, starts_at, clinic)
        if assessment is not None:
            rules.check_about(assessment, episode.client)
            rules.check_decided(None, assessment, level.code, level.setting)
        lacking = medical_needs.gap(
            client=episode.client, level=level, program=program or episode.program, assessment=assessment
        )
        medical_needs.require_reason(lacking, unmet_need_reason, by=by)
        unmet_need_reason = medical_needs.reason_kept(lacking, unmet_need_reason)
        now_at = [(current.setting, current.level_code)] if current is not None else []
        owed = _owed_before(episode.client, level, now_at=now_at)
        safety_holds.require_clearance(owed, went_on_because)
        went_on_because = safety_holds.reason_kept(owed, went_on_because)
        if program is not None and program.pk != episode.program_id:
            _transfer(episode, program, by)
        if current is not None:
            current.ends_at = starts_at
            current.save(update_fields=["ends_at"])
        period = LevelOfCarePeriod.objects.create(
            episode=episode,
            criteria_edition=level.edition,
            level_code=level.code,
            setting=level.setting,
            starts_at=starts_at,
            reason=reason.strip(),
            unmet_need_reason=unmet_need_reason,
            went_on_because=went_on_because,
            assessment=assessment,
            decided_by=by,
        )
        before = current.level_code if current else ""
        entry.about(
            period,
            before=before,
            after=level.code,
            unmet_need=bool(unmet_need_reason),
            went_on=bool(went_on_because),
        )
    return period


def discharge(
    *,
    episode: TreatmentEpisode,
    discharged_on: datetime.date,
    reason: str,
    by: StaffMember,
    planned: bool | None = None,
    went_on_because: str = "",
) -> TreatmentEpisode:
    """End an episode on a day (inclusive), for a reason from DischargeReason.

    Required safety steps come first (safety/safety_holds.py), unless `went_on_because` gives a reason. Raises
    NotPermitted, NotOpen, DateNotPossible, CareChangeReasonNeeded, HeldOpen.
    """
    demand(by, Permission.EPISODE_DISCHARGE, episode.client)
    if reason not in DischargeReason.values:
        raise CareChangeReasonNeeded("Choose the reason for the discharge from the list.")
    clinic = episode.client.clinic
    with act("cases.discharge", by=by, client=episode.client) as entry:
        episode = TreatmentEpisode.objects.select_for_update(no_key=True).get(pk=episode.pk)
        if not episode.is_open:
            raise NotOpen
        if not episode.admitted_on <= discharged_on <= rules.today(clinic):
            raise DateNotPossible("The discharge date must be on or after admission and not in the future.")
        owed = [] if reason == DischargeReason.DIED else _owed(episode.client)  # there is no one left to ask
        safety_holds.require_clearance(owed, went_on_because)
        episode.discharge_went_on_because = safety_holds.reason_kept(owed, went_on_because)
        now = timezone.now()
        last = episode.level_of_care_periods.select_for_update(no_key=True).filter(ends_at=None).first()
        if last is not None:
            last.ends_at = min(now, rules.start_of(discharged_on + datetime.timedelta(days=1), clinic))
            if timezone.localdate(last.starts_at, clinic.zone) <= discharged_on:  # began on that day, perhaps just now
                last.ends_at = max(last.ends_at, last.starts_at + datetime.timedelta(minutes=1))
            if last.ends_at <= last.starts_at:
                raise DateNotPossible("The level of care changed after that date. Choose a later date.")
            last.save(update_fields=["ends_at"])
        episode.discharged_on, episode.discharge_reason, episode.discharge_planned = discharged_on, reason, planned
        episode.discharged_at, episode.discharged_by = now, by
        episode.save()
        entry.about(episode, reason=reason, planned=planned, went_on=bool(episode.discharge_went_on_because))
    return episode


def _levels_of(client: Client) -> list[tuple[int, str]]:
    """Setting and level of each open stay."""
    periods = LevelOfCarePeriod.objects.filter(episode__client=client, episode__discharged_on=None, ends_at=None)
    return list(periods.values_list("setting", "level_code"))


def _owed_before(client: Client, level: levels.Level, *, now_at: list[tuple[int, str]]) -> list[safety_holds.Hold]:
    """Safety steps required before care at a level; none if it is more care than the client has now."""
    owed = _owed(client)
    if owed and now_at and all(levels.is_step_up(setting=setting, code=code, to=level) for setting, code in now_at):
        return []
    return owed


def _owed(client: Client) -> list[safety_holds.Hold]:
    return safety_holds.holds(client=client, on=rules.today(client.clinic))


def undo_discharge(*, episode: TreatmentEpisode, reason: str, by: StaffMember) -> TreatmentEpisode:
    """Undo a discharge recorded in error, within a day; the last level of care continues without a gap.

    Raises NotPermitted, CareChangeReasonNeeded, TooLate, AlreadyInProgram.
    """
    demand(by, Permission.EPISODE_OVERRIDE, episode.client)
    if not reason.strip():
        raise CareChangeReasonNeeded
    with act("cases.undo_discharge", by=by, client=episode.client) as entry:
        episode = TreatmentEpisode.objects.select_for_update(no_key=True).get(pk=episode.pk)
        since = episode.discharged_at
        if since is None or timezone.now() - since > datetime.timedelta(days=1):
            raise TooLate
        others = TreatmentEpisode.objects.filter(client=episode.client_id, program=episode.program_id)
        others = others.exclude(pk=episode.pk)
        if others.open().exists():
            raise AlreadyInProgram
        if episode.later_episodes.filter(admitted_on__gte=episode.discharged_on).exists():
            raise TooLate("This discharge can’t be undone: a later admission depends on it.")
        if others.overlapping(since=episode.admitted_on, until=None).filter(overlap_noted="").exists():
            raise TooLate("This discharge can’t be undone: the client has been readmitted to this program.")
        last = episode.level_of_care_periods.order_by("-starts_at").first()
        if last is not None:
            last.ends_at = None
            last.save(update_fields=["ends_at"])
        episode.data_sets.filter(point=Point.DISCHARGE).delete()  # its day was not the last one
        entry.about(episode, undone=str(episode.discharged_on), reason=reason.strip())
        episode.discharged_on, episode.discharge_reason, episode.discharge_planned = None, "", None
        episode.discharge_went_on_because = ""
        episode.discharged_at = episode.discharged_by = None
        episode.save()
    return episode


def _transfer(episode: TreatmentEpisode, program: Program, by: StaffMember) -> None:
    with transaction.atomic():
        program = Program.objects.select_for_update(no_key=True).get(pk=program.pk)
        if program.clinic_id != episode.client.clinic_id:
            raise NotPermitted
        if TreatmentEpisode.objects.open().filter(client=episode.client_id, program=program).exists():
            raise AlreadyInProgram
        rules.require_place(rules.why_full(program, episode.client), by=by)
        others = TreatmentEpisode.objects.filter(client=episode.client_id, program=program)
        if others.overlapping(since=episode.admitted_on, until=None).exists():
            # Before the transfer this stay was in another program, so the two never overlapped in one.
            episode.overlap_noted = f"Transferred from {episode.program}"[:200]
        episode.program = program
        episode.save(update_fields=["program", "overlap_noted"])
