"""The Celery application and the whole beat schedule, in one place to read."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

app = Celery("onward")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Beat only knocks: each job below finds its own work in the database, claims it, and may be run any number of times.
# `expires` throws away knocks that piled up while no worker ran.
app.conf.beat_schedule = {
    "send due reminders": {
        "task": "reminders.tasks.send_due_reminders",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
    "release stale reminder claims": {
        "task": "reminders.tasks.release_stale_claims",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
    "schedule upcoming reminders": {
        "task": "reminders.tasks.schedule_upcoming",
        "schedule": 3600.0,
        "options": {"expires": 3590},
    },
    "lapse offered places": {
        "task": "cases.tasks.lapse_offers",
        "schedule": 600.0,
        "options": {"expires": 590},
    },
    "check audit logs": {
        "task": "privacy.tasks.check_audit_logs",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
    "note where audit logs end": {
        "task": "privacy.tasks.note_audit_heads",
        "schedule": 900.0,
        "options": {"expires": 890},
    },
    "look for unusual access": {
        "task": "privacy.tasks.look_for_unusual_access",
        "schedule": 3600.0,
        "options": {"expires": 3590},
    },
    "end handovers": {
        "task": "counseling.tasks.end_handovers",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
    "order meeting feeds that are due": {
        "task": "referrals.tasks.order_due_feeds",
        "schedule": 600.0,
        "options": {"expires": 590},
    },
    "import ordered meeting feeds": {
        "task": "referrals.tasks.import_ordered_feed",
        "schedule": 20.0,
        "options": {"expires": 19},
    },
    "compare own meetings with lists": {
        "task": "referrals.tasks.match_own_meetings",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
    "check signed notes": {
        "task": "counseling.tasks.check_signed_notes",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
}
