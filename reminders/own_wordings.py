"""A clinic's own wordings: kept, changed and dropped, each checked as it will be sent."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from privacy.models import Channel
from reminders.kinds import KINDS
from reminders.languages import Language
from reminders.models import MessageTemplate
from staff.access import Permission, demand
from staff.acts import act
from staff.models import Clinic, StaffMember
from staff.refusals import NotPermitted, Refusal


class NotAWording(Refusal):
    """Revealing, too long, or with a variable that does not exist."""


def keep(
    *, clinic: Clinic, kind: str, channel: str, language: str, body: str, subject: str = "", by: StaffMember
) -> MessageTemplate:
    """Use the clinic's own words for a kind of message on a channel, in a language.

    What is scheduled is sent in them, too. Raises NotPermitted, NotAWording with what is wrong.
    """
    demand(by, Permission.CLINIC_MANAGE)
    _check(clinic, kind, channel, language, by)
    with act("reminders.keep_wording", by=by, clinic=clinic) as entry:
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        which = {"clinic": clinic, "kind": kind, "channel": channel, "language": language}
        own = MessageTemplate.objects.filter(**which).first() or MessageTemplate(**which)
        own.body = " ".join(body.split())
        own.subject = " ".join(subject.split()) if channel == Channel.EMAIL else ""
        try:
            own.full_clean()
        except ValidationError as error:
            raise NotAWording(error.messages[0]) from error
        own.save()
        entry.about(own, kind=kind, channel=channel, language=language)
    return own


def drop(*, clinic: Clinic, kind: str, channel: str, language: str, by: StaffMember) -> bool:
    """Go back to the product's words. Returns whether there were others. Raises NotPermitted, NotAWording."""
    demand(by, Permission.CLINIC_MANAGE)
    _check(clinic, kind, channel, language, by)
    with act("reminders.drop_wording", by=by, clinic=clinic) as entry:
        own = MessageTemplate.objects.filter(clinic=clinic, kind=kind, channel=channel, language=language).first()
        if own is None:
            entry.nothing_changed()
            return False
        entry.about(own, kind=kind, channel=channel, language=language)
        own.delete()
    return True


def _check(clinic: Clinic, kind: str, channel: str, language: str, by: StaffMember) -> None:
    if clinic.pk != by.clinic_id:
        raise NotPermitted
    if kind not in KINDS or channel not in Channel.values or language not in Language.values:
        raise NotAWording("Choose a kind of message, how it is sent and its language.")
