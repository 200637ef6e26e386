"""Makes the demo clinic: the same people for the same day, through acts and in bulk (docs/running.md)."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.utils import timezone

from demo import (
    appointments,
    calls,
    carry_over_boards,
    chart_openings,
    consents_and_reminders,
    data_sets,
    drafts_and_addenda,
    follow_up_calls,
    group_sessions,
    homework,
    information_requests,
    life_details,
    measures_over_time,
    meeting_referrals,
    mentor_candidates,
    note_formats,
    other_referrals,
    placements,
    plan_reviews,
    plans_and_notes,
    registers,
    rosalind,
    safety_concerns,
    stay_reviews,
    sud_counseling_notes,
    who_may_see,
)
from demo.clinic import CLINIC, logins, make_clinic
from demo.lives import make_lives, make_namesakes
from demo.records import Team
from staff.models import Clinic, Role

SEED = 20260302
CLIENTS = 304


@contextmanager
def one_moment() -> Iterator[None]:
    """Stop the clock while the demo is created, as far as Python reads it.

    Creating it takes a while, and each function reads today's date itself: across midnight, an opening offered until
    today would be offered until yesterday, and the demo would no longer be the same.
    """
    ticking, now = timezone.now, timezone.now()
    timezone.now = lambda: now
    try:
        yield
    finally:
        timezone.now = ticking


@contextmanager
def one_large_transaction() -> Iterator[None]:
    """Set the history triggers' setting to nothing, so they don't catch the error that it is not set.

    Each error that PL/pgSQL catches ends a subtransaction, which walks all checks deferred to the end of the
    transaction: tens of thousands here, for each row.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', '{}', true)")
    yield


class Command(BaseCommand):
    """`seed_demo` creates the clinic, `--check` says whether it is there, `--logins` prints the logins."""

    help = "Make the demo clinic with plainly synthetic people."

    def add_arguments(self, parser: CommandParser) -> None:
        """Three ways to call it."""
        parser.add_argument(
            "--check", action="store_true", help="Only say whether the demo clinic is there (exit code)."
        )
        parser.add_argument("--logins", action="store_true", help="Only print the demo's sign-ins.")
        parser.add_argument("--clients", type=int, default=CLIENTS, help="How many clients (default %(default)s).")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Make it in one transaction: a demo that was interrupted is not there."""
        if options["logins"]:
            self.stdout.write(self.logins())
            return
        there = Clinic.objects.filter(name=CLINIC).exists()
        if options["check"]:
            if not there:
                raise CommandError("There is no demo clinic.")
            return
        if not getattr(settings, "SHOW_DEMO_LOGINS", False):
            raise CommandError("The demo's passwords are public: it is made with development settings only.")
        if there:
            self.stdout.write("The demo clinic is there already.")
            return
        began = time.monotonic()
        gc.disable()  # many small rows and no cycles: collecting takes an eighth of the time and frees nothing
        try:
            with transaction.atomic(), one_large_transaction(), one_moment():
                self.make(options["clients"])
        finally:
            gc.enable()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # plans made without statistics would be the first thing that is seen
        self.stdout.write(f"    {time.monotonic() - began:.0f} s in all")

    def make(self, number: int) -> None:
        """The clinic, its people, and what they did."""
        chance = random.Random(SEED)  # the same demo every time
        now = timezone.now()
        clinic, programs, staff = make_clinic()
        today = timezone.localdate(now, clinic.zone)
        team = Team(
            intake=next(each for each in staff if each.role == Role.INTAKE_COORDINATOR),
            counselors=[each for each in staff if each.role == Role.COUNSELOR],
            supervisor=next(each for each in staff if each.role == Role.SUPERVISOR),
            programs=programs,
        )
        heroine = rosalind.make(team=team, today=today)
        old_hands = mentor_candidates.make(team=team, today=today)
        lives = make_lives(team=team, number=number - 3, today=today, chance=chance, told=self.counting("clients", 40))
        lives[:0] = [heroine, *old_hands]
        make_namesakes(team, today)
        episodes, returns = sum(len(life.episodes) for life in lives), sum(len(life.returns) for life in lives)
        reviewed = stay_reviews.review_stays(lives, now=now, chance=random.Random(SEED + 1))
        self.say(f"{len(lives)} clients, {episodes} episodes, {returns} returns to use, {reviewed} reviews of stays")
        asked = data_sets.record_data_sets(lives, today=today, chance=random.Random(SEED + 2))
        self.say(f"{asked} data sets of admissions and discharges")
        goals = plans_and_notes.make_plans(lives, now)
        signed = plans_and_notes.make_notes(
            lives=lives, goals=goals, supervisor=team.supervisor, now=now, chance=chance
        )
        self.say(f"{signed} signed notes")
        looked_at, agreed = plan_reviews.go_on(lives, goals=goals, now=now, chance=random.Random(SEED + 3))
        own = note_formats.make(by=team.supervisor)
        self.say(f"{own} note formats of the clinic's own")
        self.say(f"{looked_at} reviews of plans, {agreed} signatures under plans")
        words = measures_over_time.install_words(by=team.supervisor)
        filled_in, taken_back = measures_over_time.fill_in(
            lives, now=now, by=team.supervisor, chance=random.Random(SEED + 11)
        )
        self.say(f"{filled_in} measures, {taken_back} of them taken back, {words} text installed")
        given = homework.give(lives, now=now, chance=random.Random(SEED + 4))
        self.say(f"{given} pieces of homework")
        decided = carry_over_boards.decide(lives, chance)
        drafts = drafts_and_addenda.draft_some(lives, chance, now=now)
        corrected = drafts_and_addenda.correct_some(lives)
        plans = plans_and_notes.write_safety_plans(lives)
        held_apart = sud_counseling_notes.hold_some(lives, today=today, by=team.supervisor)
        self.say(f"{decided} carry-over decisions, {drafts} drafts, {corrected} addenda to signed notes")
        self.say(f"{plans} safety plans, {held_apart} separate notes")
        held = group_sessions.make_groups(
            team=team, lives=lives, now=now, chance=chance, told=self.counting("groups", 4)
        )
        self.say(f"{len(group_sessions.GROUPS)} groups, {held} sessions")
        life_details.tell_more(lives, today=today)
        life_details.stamp_the_past(lives)
        meetings = meeting_referrals.make_meetings(clinic=clinic, now=now, chance=chance)
        consents_and_reminders.allow(lives, by=team.supervisor, today=today)
        consents_and_reminders.choose(lives, by=next(each for each in staff if each.role == Role.ADMINISTRATOR))
        referred = meeting_referrals.make_referrals(lives=lives, now=now, number=56, chance=chance)
        self.say(f"{meetings} meetings, {referred} referrals")
        listed = other_referrals.make_places(by=team.supervisor)
        elsewhere = other_referrals.make_referrals(lives=lives, now=now)
        kits = other_referrals.give_kits(lives=lives)
        self.say(f"{listed} places, {elsewhere} referrals to them, {kits} naloxone kits")
        taken = calls.make_calls(team=team, lives=lives, now=now, chance=chance)
        medical = next(each for each in staff if each.role == Role.MEDICAL)
        again = placements.assess_again(lives, medical=medical, now=now)
        called = placements.answer_calls(medical=medical, now=now)
        self.say(f"{again} placements assessed again in care, {called} callers in withdrawal called back")
        appointments.open_the_clinic(team=team, medical=medical, today=today)
        booked = appointments.fill(team=team, lives=lives, medical=medical, now=now, chance=random.Random(SEED + 12))
        self.say(f"{booked} appointments")
        concerns = safety_concerns.ask_some(lives, now=now)
        self.say(f"{concerns} safety concerns, one of them open")
        officer = next(each for each in staff if each.role == Role.PRIVACY_OFFICER)
        kept = registers.fill(lives, now=now, privacy_officer=officer)
        self.say(f"{kept} entries in the privacy officer's registers")
        agreed, made = follow_up_calls.make_calls(lives, now=now, chance=random.Random(SEED + 12))
        self.say(f"{agreed} agreements on follow-up calls, {made} calls")
        desk = next(each for each in staff if each.role == Role.INTAKE_COORDINATOR)
        waiting = information_requests.ask_some(lives, desk=desk, officer=officer, today=today)
        self.say(f"{waiting} requests for the privacy officer")
        opened = chart_openings.open_charts(lives, medical=medical, now=now)
        self.say(f"{opened} entries of the access log")
        sent, waiting = consents_and_reminders.remind(lives, now=now, chance=chance)
        replied = consents_and_reminders.reply(lives, now=now)
        consents_and_reminders.by_text(lives, now=now)
        decided = who_may_see.decide(lives, staff=staff, today=today)
        self.say(f"{decided} decisions on who may see whom and who may sign in")
        self.say(f"{taken} inquiries, {sent} reminders sent, {waiting} waiting, {replied} replies")

    def say(self, line: str) -> None:
        """Progress, at once."""
        self.stdout.write(f"    {line}")
        self.stdout.flush()

    def counting(self, what: str, every: int) -> Any:
        """A function that prints progress now and then."""

        def told(number: int) -> None:
            if number % every == 0:
                self.say(f"{number} {what} …")

        return told

    @staticmethod
    def logins() -> str:
        """One line per role, and the password."""
        lines = [f"  {role:<24} {email}" for role, email in logins()]
        return "\n".join(["  Sign in as", *lines, f"  Password for all: {settings.DEMO_PASSWORD}"])
