"""The database is what the models say, every clinical table keeps its history, and the tests hold no special power."""

from __future__ import annotations

import pghistory.models
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from pgtrigger import registered

from .sources import APPS

# Logs record each other's changes nowhere: they only grow. Lists of ids between two tracked tables have tracked ends.
UNTRACKED = {
    "cases.ContinuedStayReview",
    "cases.SafetyEvaluation",
    "cases.MeasureSetAside",
    "cases.MedicalEvaluation",
    "cases.ToleranceWarning",
    "staff.AuditEntry",
    "staff.Session",
    "staff.ChainMark",
    "privacy.AccessReport",
    "privacy.AuditAcknowledgment",
    "privacy.AuditCheck",
    "privacy.AuditFinding",
    "privacy.AskedAbout",
    "privacy.BreachAssessment",
    "privacy.BreachNotice",
    "privacy.BreachStep",
    "privacy.ChartAccess",
    "privacy.ConsentStatus",
    "privacy.Disclosure",
    "privacy.DisclosureReview",
    "privacy.ListAccess",
    "privacy.RecordGiven",
    "privacy.RequestStep",
    "privacy.UnusualAccess",
    "privacy.UnusualAccessReview",
    "appointments.CalendarFeed",
    "reminders.ChannelPause",
    "reminders.Heartbeat",
    "reminders.Turn",
    "counseling.NoteSignature",
    "counseling.Addendum",
    "counseling.IntegrityCheck",
    "counseling.IntegrityFinding",
    "counseling.LaterFiling",
    "counseling.MeasureWithdrawal",
    "counseling.PlanReview",
    "counseling.PlanReviewGoal",
    "counseling.PlanSignature",
    "counseling.SeparateForClient",
    "counseling.UseExplained",
    "reminders.DeliveryAttempt",
    "reminders.DeliveryReceipt",
    "reminders.HelpAnswer",
    "reminders.InboxItem",  # the reminder in it is tracked
    "reminders.IncomingMessage",
    "referrals.GuideWords",
    "referrals.ImportDecision",  # append-only
    "referrals.ImportRun",
    "referrals.OwnReport",  # append-only
    "referrals.Meeting",  # public listings, kept by feeds
    "referrals.OwnMeetingChange",  # append-only
    "referrals.SameMeeting",  # a row changes once, when it is undone
    "referrals.UploadedPart",  # a public list until it is imported; its order has a history
}


def test_no_pending_migrations(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_record_keeps_its_history() -> None:
    tracked = {
        model.pgh_tracked_model._meta.label
        for model in apps.get_models()
        if issubclass(model, pghistory.models.Event) and model.pgh_tracked_model is not None
    }
    records = {
        model._meta.label
        for app in APPS
        if apps.is_installed(app) and app != "config"
        for model in apps.get_app_config(app).get_models()
        if not issubclass(model, pghistory.models.Event)
    }
    assert records - tracked - UNTRACKED == set()


def test_links_between_records_keep_their_history(db: None) -> None:
    """What a return to use was linked with is knowledge, too: a link that is taken away leaves a trace."""
    tables = {
        field.remote_field.through._meta.db_table
        for app in APPS
        if apps.is_installed(app) and app not in ("config", "staff")  # who may sign in is not a record about a client
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.local_many_to_many
    }
    watched = {
        model._meta.db_table
        for model in apps.get_models()
        if any(event.pgh_tracked_model is model for event in _events())
    }
    assert len(tables) >= 8
    assert tables - watched == set()


def _events() -> list[type[pghistory.models.Event]]:
    return [model for model in apps.get_models() if issubclass(model, pghistory.models.Event)]


def test_every_trigger_is_in_the_database(db: None) -> None:
    found = {
        (model._meta.label, trigger.name): trigger.get_installation_status(model)[0] for model, trigger in registered()
    }
    assert len(found) > 200
    assert {name: status for name, status in found.items() if status != "INSTALLED"} == {}


def test_tests_connect_as_an_ordinary_role(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False)


def test_no_history_can_be_rewritten_emptied_or_switched_off(db: None) -> None:
    """Each table of events has plain triggers of its own: pgtrigger's can be silenced by a session variable."""
    events = [model._meta.db_table for model in apps.get_models() if hasattr(model, "pgh_tracked_model")]
    assert len(events) > 50
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, bit_or(t.tgtype) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND t.tgname NOT LIKE 'pgtrigger%' GROUP BY c.relname"
        )
        watched = dict(cursor.fetchall())
    delete, update, truncate = 8, 16, 32
    for table in events:
        assert watched.get(table, 0) & (delete | update | truncate) == delete | update | truncate, (
            f"{table} may be rewritten: list it in a migration with staff.immutability.append_only"
        )
