"""A crowd's records, written together: what the acts of cases/ write one by one, under the same constraints.

A test of the demo creates the same people both ways and compares the rows. Featured people (rosalind,
mentor_candidates, the namesakes) are created through the acts themselves.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import models
from django.utils import timezone

from cases import levels
from cases.codes import OPIOIDS, PresentingReason
from cases.episodes import admission_rules
from cases.models import (
    CareTeamMember,
    Client,
    ContactPoint,
    CopingStrategy,
    LevelOfCarePeriod,
    Relapse,
    RelapseCoping,
    RelapseSubstance,
    ToleranceWarning,
    TreatmentEpisode,
    Trigger,
    WarningSign,
)
from cases.models.recovery.learning import Learned
from cases.people import registration
from cases.recovery import tolerance
from staff.models import Program, StaffMember

from . import bulk

L = TypeVar("L", bound=Learned)
DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Team:
    """The demo's staff."""

    intake: StaffMember
    counselors: list[StaffMember]
    supervisor: StaffMember
    programs: list[Program]


class Records:
    """Rows of many people, in the order in which they came about; `write` stores them in a few statements."""

    def __init__(self, team: Team) -> None:
        self.team = team
        self.now = timezone.now()
        self.audit = bulk.Audit()
        self.clients: list[Client] = []
        self.contacts: list[ContactPoint] = []
        self.care_teams: list[CareTeamMember] = []
        self.episodes: list[TreatmentEpisode] = []
        self.periods: list[LevelOfCarePeriod] = []
        self.relapses: list[Relapse] = []
        self.substances: list[RelapseSubstance] = []
        self.learned: dict[type[Learned], list[Any]] = {Trigger: [], WarningSign: [], CopingStrategy: []}
        self.coping: list[RelapseCoping] = []
        self.links: dict[str, list[tuple[Relapse, Learned]]] = {"triggers": [], "warning_signs": []}
        self._known: dict[tuple[type[Learned], int, str], Any] = {}
        self._last: dict[int, LevelOfCarePeriod] = {}  # by the place of its episode
        in_care = TreatmentEpisode.objects.open().filter(program__in=team.programs)
        self._in_care = Counter(in_care.values_list("program", flat=True))

    def register(self, pk: int, *, phone: str, email: str, messages_ok: bool, **facts: Any) -> Client:
        """As `cases.people.registration.register` does."""
        by = self.team.intake
        client = Client(pk=pk, clinic=by.clinic, **facts)
        self.clients.append(client)
        for kind, value in (("phone", phone), ("email", email)):
            point = ContactPoint(
                client=client,
                kind=kind,
                value=value,
                normalized=registration.normalize(kind, value),
                is_preferred=True,
                messages_ok=messages_ok,
            )
            self.contacts.append(point)
            self.audit.note("cases.add_contact", by=by, client=client, about=point, kind=kind)
        self.audit.note("cases.register", by=by, client=None, about=client)
        return client

    def assign(self, client: Client, counselor: StaffMember) -> None:
        """As `cases.people.care_team.assign` does."""
        by, part = self.team.intake, CareTeamMember.Part.PRIMARY
        member = CareTeamMember(client=client, staff_member=counselor, part=part, starts_at=self.now, assigned_by=by)
        self.care_teams.append(member)
        self.audit.note(
            "cases.assign_care_team", by=by, client=client, about=member, staff_member=counselor.pk, part=part
        )

    def places_free(self, program: Program) -> int:
        """As `cases.episodes.admissions.places_free` says."""
        return program.capacity - self._in_care[program.pk]

    def admit(
        self,
        client: Client,
        program: Program,
        admitted_on: datetime.date,
        *,
        relapse: Relapse | None,
        prior: Sequence[TreatmentEpisode],
        by: StaffMember,
    ) -> TreatmentEpisode:
        """As `cases.episodes.admissions.admit` does for someone admitted on an earlier day and in no other program."""
        if self.places_free(program) <= 0:
            raise admission_rules.ProgramFull
        level = levels.find(program.level_code, client.clinic)
        episode = TreatmentEpisode(
            client=client,
            program=program,
            admitted_on=admitted_on,
            presenting_reason=PresentingReason.RETURN_AFTER_TREATMENT if prior else PresentingReason.FIRST_TIME,
            prior_episode=prior[-1] if prior else None,
            relapse=relapse,
            admitted_by=by,
        )
        self._in_care[program.pk] += 1
        self.episodes.append(episode)
        self._begin_level(episode, level, admission_rules.start_of(admitted_on, client.clinic), by=by)
        self.audit.note(
            "cases.admit",
            by=by,
            client=client,
            about=episode,
            program=program.pk,
            level=level.code,
            prior=episode.prior_episode,
            unmet_need=False,
            went_on=False,
        )
        return episode

    def change_level_of_care(
        self,
        episode: TreatmentEpisode,
        code: str,
        starts_at: datetime.datetime,
        *,
        reason: str,
        program: Program | None,
        by: StaffMember,
    ) -> None:
        """As `cases.episodes.admissions.change_level_of_care` does."""
        level = levels.find(code, episode.client.clinic)
        if program is not None:
            self._in_care[episode.program_id] -= 1
            self._in_care[program.pk] += 1
            episode.program = program
        before = self._last[id(episode)]
        before.ends_at = starts_at
        period = self._begin_level(episode, level, starts_at, reason=reason, by=by)
        self.audit.note(
            "cases.change_level_of_care",
            by=by,
            client=episode.client,
            about=period,
            before=before.level_code,
            after=level.code,
            unmet_need=False,
            went_on=False,
        )

    def discharge(
        self, episode: TreatmentEpisode, on: datetime.date, reason: str, *, planned: bool, by: StaffMember
    ) -> None:
        """As `cases.episodes.admissions.discharge` does."""
        last = self._last[id(episode)]
        last.ends_at = min(self.now, admission_rules.start_of(on + DAY, episode.client.clinic))
        episode.discharged_on, episode.discharge_reason, episode.discharge_planned = on, reason, planned
        episode.discharged_at, episode.discharged_by = self.now, by
        self._in_care[episode.program_id] -= 1
        self.audit.note(
            "cases.discharge",
            by=by,
            client=episode.client,
            about=episode,
            reason=reason,
            planned=planned,
            went_on=False,
        )

    def record_relapse(
        self,
        client: Client,
        stays: Sequence[TreatmentEpisode],
        *,
        by: StaffMember,
        substances: Iterable[dict[str, str]],
        triggers: Iterable[dict[str, str]],
        warning_signs: Iterable[dict[str, str]],
        coping_tried: Iterable[tuple[str, str]],
        **facts: Any,
    ) -> Relapse:
        """As `cases.recovery.relapses.record` does."""
        relapse = Relapse(client=client, recorded_by=by, recorded_at=self.now, **facts)
        relapse.episode = _covering(stays, relapse.started_on)
        self.relapses.append(relapse)
        used = list(substances)
        self.substances += [RelapseSubstance(relapse=relapse, **each) for each in used]
        relapse.uses_opioids = any(each["substance"] in OPIOIDS for each in used)  # type: ignore[attr-defined]
        for name, model, given in (("triggers", Trigger, triggers), ("warning_signs", WarningSign, warning_signs)):
            self.links[name] += [(relapse, self._learned(model, relapse, **each)) for each in given]
        self.coping += [
            RelapseCoping(
                relapse=relapse, strategy=self._learned(CopingStrategy, relapse, wording=wording), outcome=outcome
            )
            for wording, outcome in coping_tried
        ]
        self.audit.note("cases.record_relapse", by=by, client=client, about=relapse, open=relapse.is_open)
        return relapse

    def warn_of_tolerance(self, relapse: Relapse, *, by: StaffMember) -> None:
        """As `cases.recovery.relapses.warn_of_tolerance` does."""
        relapse.tolerance_warned_at, relapse.tolerance_warned_by = self.now, by
        self.audit.note("cases.warn_of_tolerance", by=by, client=relapse.client, about=relapse)

    def write(self) -> None:
        """Store everything, table by table; foreign keys are checked when the transaction ends."""
        numbered: list[Sequence[models.Model]] = [
            self.contacts,
            self.care_teams,
            self.episodes,
            self.periods,
            self.relapses,
            self.substances,
            self.coping,
            *self.learned.values(),
        ]
        for rows in numbered:
            bulk.number(rows)
        intake, act = self.team.intake, "cases.record_relapse"
        bulk.insert(self.clients, act="cases.register", by=lambda _: intake)
        bulk.insert(self.contacts, act="cases.add_contact", by=lambda _: intake)
        bulk.insert(self.care_teams, act="cases.assign_care_team", by=lambda _: intake)
        bulk.insert(self.relapses, act=act, by=lambda row: row.recorded_by)
        bulk.insert(self.episodes, act="cases.admit", by=lambda row: row.admitted_by)
        bulk.insert(self.periods, act="cases.admit", by=lambda row: row.decided_by)
        for learned in self.learned.values():
            bulk.insert(learned, act=act, by=lambda row: row.recorded_by)
        bulk.insert(self.substances, act=act, by=lambda row: row.relapse.recorded_by)
        bulk.insert(self.coping, act=act, by=lambda row: row.relapse.recorded_by)
        authors = {relapse.pk: relapse.recorded_by for relapse in self.relapses}
        for name, column in (("triggers", "trigger_id"), ("warning_signs", "warningsign_id")):
            through: Any = getattr(Relapse, name).through
            links: list[Any] = [
                through(**{"relapse_id": relapse.pk, column: row.pk}) for relapse, row in self.links[name]
            ]
            bulk.number(links)
            bulk.insert(links, act=act, by=lambda row: authors[row.relapse_id])
        self.audit.write()

    def _begin_level(
        self,
        episode: TreatmentEpisode,
        level: levels.Level,
        starts_at: datetime.datetime,
        *,
        by: StaffMember,
        reason: str = "",
    ) -> LevelOfCarePeriod:
        period = LevelOfCarePeriod(
            episode=episode,
            criteria_edition=level.edition,
            level_code=level.code,
            setting=level.setting,
            starts_at=starts_at,
            reason=reason,
            decided_by=by,
        )
        self.periods.append(period)
        self._last[id(episode)] = period
        return period

    def _learned(self, model: type[L], relapse: Relapse, *, wording: str, **facts: str) -> L:
        """The person's own row with that wording, created if there is none."""
        key = (model, relapse.client_id, wording.casefold())
        if key not in self._known:
            self._known[key] = model(
                client=relapse.client,
                wording=wording,
                first_seen_on=relapse.started_on,
                first_seen_in=relapse.episode,
                recorded_by=relapse.recorded_by,
                recorded_at=self.now,
                **facts,
            )
            self.learned[model].append(self._known[key])
        known: L = self._known[key]
        return known


def tell_of_breaks(told: Sequence[tuple[tolerance.Break, StaffMember]]) -> None:
    """As `cases.recovery.tolerance.give` does: each warning was given by that person."""
    audit, now = bulk.Audit(), timezone.now()
    warnings: list[ToleranceWarning] = []
    returns: dict[Relapse, StaffMember] = {}
    for each, by in told:
        if each.relapse is not None:
            each.relapse.tolerance_warned_at, each.relapse.tolerance_warned_by = now, by
            returns[each.relapse] = by
            audit.note("cases.warn_of_tolerance", by=by, client=each.relapse.client, about=each.relapse)
        elif each.period is not None and each.period.ends_at is not None:
            warning = ToleranceWarning(period=each.period, left_at=each.period.ends_at, at=now, by=by)
            warnings.append(warning)
            client = each.period.episode.client
            audit.note("cases.warn_of_tolerance_on_leaving", by=by, client=client, about=warning)
    fields = ["tolerance_warned_at", "tolerance_warned_by"]
    bulk.update(returns, fields, act="cases.warn_of_tolerance", by=lambda row: returns[row])
    bulk.number(warnings)
    bulk.insert(warnings, act="cases.warn_of_tolerance_on_leaving", by=lambda row: row.by)
    audit.write()


def _covering(stays: Sequence[TreatmentEpisode], day: datetime.date) -> TreatmentEpisode | None:
    """The latest stay that had begun on a day and had not ended before it."""
    found = [each for each in stays if each.admitted_on <= day and (each.discharged_on or day) >= day]
    return max(found, key=lambda each: each.admitted_on, default=None)
