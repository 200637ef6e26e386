"""Giving a client what is theirs: a copy of the record or the accounting of disclosures, and to whom it was given.

Nothing is given without a row that says so (45 CFR 164.528(d), 164.524(e)). A copy for somebody else is a disclosure
first (42 CFR 2.31): it has to be recorded, of all that the copy holds, before it can be chosen here (`for_others`).
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils import timezone

from cases.models import Client
from privacy import for_others, minors, request_queue
from privacy.models import AskedAbout, Disclosure, RecordGiven
from staff.access import Permission, demand
from staff.acts import act
from staff.double_clicks import WITHIN
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.saying import says_something

What, Form, To = RecordGiven.What, RecordGiven.Form, RecordGiven.To
ONE_PRESS = datetime.timedelta(seconds=WITHIN)
ANSWERS = {AskedAbout.Kind.RECORD_COPY: What.RECORD, AskedAbout.Kind.ACCOUNTING: What.ACCOUNTING}


class WhoActs(Refusal):
    """Somebody acts for the client, and it isn't said who or by what right."""

    sentence = "Enter who they are and by what right they act for the client, e.g. “court-appointed guardian.”"


class MinorsOwn(Refusal):
    """A parent asks for the record of a minor."""

    sentence = (
        "A minor’s record: a parent or guardian gets nothing of it by their own right (42 CFR 2.14). Record a "
        "disclosure with the consent it takes, then choose “someone else.”"
    )


class AnotherRequest(Refusal):
    """The request asks for something else, is about somebody else, or is closed."""

    sentence = "This request isn’t a waiting one of this client for this. Identify the client on the request first."


@dataclass(frozen=True)
class Recipient:
    """To whom it is given. `name` and `acts_by` for somebody who acts for the client; `disclosure` for anyone else."""

    to: str = To.CLIENT
    name: str = ""
    acts_by: str = ""
    disclosure: Disclosure | None = None

    @property
    def is_another(self) -> bool:
        """Whether the notice of 42 CFR 2.32 goes with it."""
        return self.to == To.OTHER


def give(
    *,
    client: Client,
    what: str,
    form: str,
    recipient: Recipient,
    contents: dict[str, int],
    by: StaffMember,
    asked: AskedAbout | None = None,
    since: datetime.date | None = None,
    until: datetime.date | None = None,
) -> RecordGiven:
    """Record that it was given, before it is. `asked` is the request that it answers.

    Raises NotPermitted, WhoActs, MinorsOwn, AnotherRequest; for somebody else as `for_others.check` and AlreadyGiven.
    """
    demand(by, Permission.RECORD_GIVE, client)
    _check(client, recipient)
    if asked is not None:
        _check_request(asked, client, What(what))
    other = for_others.check(recipient.disclosure, client=client, what=what) if recipient.is_another else None
    with act("privacy.give", by=by, client=client) as entry:
        StaffMember.objects.select_for_update(no_key=True).get(pk=by.pk)  # the same form twice: one after the other
        given = {
            "clinic": client.clinic,
            "client": client,
            "asked": asked,
            "what": What(what),
            "form": Form(form),
            "to": To(recipient.to),
            "to_name": other.recipient if other else recipient.name.strip()[:200] if recipient.to != To.CLIENT else "",
            "acts_by": recipient.acts_by.strip()[:200] if recipient.to == To.REPRESENTATIVE else "",
            "disclosure": other,
            "since": since,
            "until": until,
            "contents": contents,
            "by": by,
        }
        now = timezone.now()
        same = {name: value for name, value in given.items() if name != "contents"}  # that counts earlier copies
        just_now = RecordGiven.objects.filter(**same, at__gt=now - ONE_PRESS).first()
        if just_now is not None:  # a double click downloads one file twice: it was given once
            entry.nothing_changed()
            return just_now
        if other is not None:
            for_others.check_unused(other, what=what)
        row = RecordGiven.objects.create(**given, at=now)
        entry.about(row, what=str(what), form=str(form), to=str(recipient.to), request=asked.pk if asked else None)
    return row


def _check(client: Client, recipient: Recipient) -> None:
    if To(recipient.to) == To.REPRESENTATIVE:
        if minors.is_minor(client, client.today):
            raise MinorsOwn
        if not says_something(recipient.name) or not says_something(recipient.acts_by):
            raise WhoActs


def _check_request(asked: AskedAbout, client: Client, what: RecordGiven.What) -> None:
    whose = request_queue.client_of(asked)
    waits = AskedAbout.objects.filter(pk=asked.pk, clinic=client.clinic_id).with_standing().waiting().exists()
    if whose is None or whose.pk != client.pk or ANSWERS.get(AskedAbout.Kind(asked.kind)) != what or not waits:
        raise AnotherRequest
