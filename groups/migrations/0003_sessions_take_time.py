import datetime

from django.db import IntegrityError, migrations, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

HELD_BY = "group_session"


def take_time(apps, schema_editor):
    """Sessions ahead from before they took time take it now; one that overlaps something is left as it is."""
    BookedSpan = apps.get_model("appointments", "BookedSpan")
    Room = apps.get_model("appointments", "Room")
    now = timezone.now()
    ahead = apps.get_model("groups", "GroupSession").objects.filter(cancelled_at=None, starts_at__gt=now)
    have = BookedSpan.objects.filter(held_by=HELD_BY).values("holder_id")
    for session in ahead.exclude(pk__in=have).select_related("group").order_by("starts_at", "pk"):
        group = session.group
        leaders = session.facilitators.all() if session.facilitators.exists() else group.facilitators.all()
        rooms = Room.objects.filter(clinic=group.clinic_id, name__iexact=group.room).order_by("name")[:1]
        ends_at = session.starts_at + datetime.timedelta(minutes=session.minutes)
        held = {
            "clinic_id": group.clinic_id,
            "held_by": HELD_BY,
            "holder_id": session.pk,
            "during": DateTimeTZRange(session.starts_at, ends_at, "[)"),
        }
        spans = [BookedSpan(staff_member=each, **held) for each in leaders]
        spans += [BookedSpan(room=each, **held) for each in rooms]
        try:
            with transaction.atomic():
                BookedSpan.objects.bulk_create(spans)
        except IntegrityError:
            continue


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0003_calendar_feed"),
        ("groups", "0002_signed_notes_and_history"),
    ]

    operations = [migrations.RunPython(take_time, migrations.RunPython.noop)]
