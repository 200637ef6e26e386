"""A pause for a channel whose provider does not answer, so that an outage isn't met by every reminder that is due."""

from __future__ import annotations

import datetime

from reminders.models import ChannelPause

TRIPS_AFTER = 5  # failures in a row, of any reminders
PAUSE = datetime.timedelta(minutes=1)  # doubled with each further failure
LONGEST = datetime.timedelta(minutes=15)


def paused(now: datetime.datetime) -> list[str]:
    """Channels that rest at this moment."""
    return list(ChannelPause.objects.filter(until__gt=now).values_list("channel", flat=True))


def failed(channel: str, now: datetime.datetime, *, asked_to_wait: datetime.timedelta | None = None) -> None:
    """Count a failure of the provider. It rests after a few in a row, and at once if it asks to be left alone."""
    state, _ = ChannelPause.objects.select_for_update(no_key=True).get_or_create(channel=channel)
    state.failures += 1
    over = state.failures - TRIPS_AFTER
    if over >= 0:
        state.until = max(state.until or now, now + min(PAUSE * 2 ** min(over, 10), LONGEST))
    if asked_to_wait is not None:
        state.until = max(state.until or now, now + min(asked_to_wait, LONGEST))
    state.save()


def answered(channel: str) -> None:
    """The provider answers again. A pause that lies ahead runs out: the provider may have asked for it."""
    ChannelPause.objects.filter(channel=channel).exclude(failures=0).update(failures=0)
