"""The privacy officer's queue of requests: subpoenas, court orders, parents, police, and clients' own record copies.

A request is what somebody asked (`AskedAbout`, `minors.record_asked`); here are its steps. Nothing here releases
anything: what leaves the clinic is a disclosure (`disclosures.record`), which asks for its own lawful basis, or a copy
given to the client (`copies`, `accounting`), and a request is closed by naming it.

The clocks: 45 CFR 164.524(b)(2) for a copy of the record, 164.528(c)(1) for the accounting of disclosures; a subpoena
or an order by the date in it (42 CFR 2.61 to 2.67).
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TypedDict, Unpack

from django.utils import timezone

from cases.models import Client
from cases.people import names
from privacy.models import AskedAbout, Consent, Disclosure, RecordGiven, RequestStep
from staff.access import Permission, demand, roles_with
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import NotPermitted, Refusal
from staff.saying import says_something

Step, Outcome, Kind = RequestStep.Step, RequestStep.Outcome, AskedAbout.Kind
EXTENSION = datetime.timedelta(days=30)  # the most: 45 CFR 164.524(b)(2)(iii)(A), 164.528(c)(1)(ii)

# What the law asks before a request of a kind is answered, for its page.
LAW = {
    Kind.RECORD_COPY: (
        "The client may have a copy of their record within 30 days. Check who they are first. One extension of up to "
        "30 days, with the reason in writing to the client before the first 30 are over (45 CFR 164.524(b)(2))."
    ),
    Kind.ACCOUNTING: (
        "The client may have the list of disclosures within 60 days. Check who they are first. One extension of up to "
        "30 days, with the reason in writing to the client before the first 60 are over (45 CFR 164.528(c)(1))."
    ),
    Kind.RECORDS: (
        "No one else gets anything without the client’s consent, not even a parent where the minor may consent alone "
        "(42 CFR 2.13, 2.14). Deny in the neutral words, whether or not the person is a client."
    ),
    Kind.SUBPOENA: (
        "A subpoena alone releases nothing. It takes the client’s consent for legal proceedings, or a court order "
        "under 42 CFR 2.61 to 2.67 beside it. Answer the court by the date, without saying whether the person is a "
        "client."
    ),
    Kind.COURT_ORDER: (
        "Only an order under 42 CFR 2.61 to 2.67 authorizes a disclosure, and only of what it names; a search warrant "
        "or an order that doesn’t say so is none. Ask counsel. Disclose no more than the order says."
    ),
}
LAW[Kind.QUESTION] = "Answered when it was asked."


class AlreadyClosed(Refusal):
    """Nothing follows the last step."""

    sentence = "This request is closed. Record a new one if they asked again."


class ReasonNeeded(Refusal):
    """A step that has to say why, and doesn't."""

    sentence = "Say why in words: the reason stays on record, and the client may ask for it."


class NotExtendable(Refusal):
    """The law gives no more time."""

    sentence = (
        "Only a client’s own copy or accounting can be extended: once, by up to 30 days, before it is due "
        "(45 CFR 164.524(b)(2), 164.528(c)(1))."
    )


class NotReleasable(Refusal):
    """Nothing on record shows that anything may leave."""

    sentence = "Record the disclosure first, with its consent or court order. Then choose it here."


class BeforeIt(Refusal):
    """What was disclosed before anybody asked is no answer."""

    sentence = (
        "This disclosure was made before the request was received. Choose the one made for it; record that one first."
    )


class AnswersAnother(Refusal):
    """The disclosure closed another request."""

    sentence = "This disclosure answered another request already. Record the one made for this request."


class ToSomeoneElse(Refusal):
    """It went to another name than the one who asks."""

    def __init__(self, disclosure: Disclosure) -> None:
        to = ", ".join(filter(None, (disclosure.recipient, disclosure.affiliation)))
        super().__init__(
            f"This disclosure went to {to}, which isn’t the name of who asked. If it still answers this request (a "
            "lawyer’s papers name the court, for example), select “It went where this request says,” and say why."
        )


class SubpoenaAlone(Refusal):
    """A subpoena, or an order, with a disclosure that rests on neither an order nor a consent for it."""

    sentence = (
        "A subpoena alone isn’t enough. Choose a disclosure that was made under a court order, or with the client’s "
        "consent for legal proceedings (42 CFR 2.61)."
    )


class NotGivenYet(Refusal):
    """Closed as given, and nothing was."""

    sentence = "Nothing was given for this request yet. Make the copy or the list from this page first."


class GroundNeeded(Refusal):
    """Denied to the client on no ground that the law has, or where it has none."""

    sentence = (
        "Choose the ground of the denial: the law has no other, and the letter to the client names it "
        "(45 CFR 164.524(a), (d)). A list of disclosures can’t be denied."
    )


class NotTheirOwn(Refusal):
    """A client's request closed in words that are for others, or the other way around."""

    sentence = "Choose an outcome that fits: “given” is for a client’s own record or list, “disclosed” for anyone else."


@dataclass(frozen=True)
class Clock:
    """How a waiting request stands on a day, in words."""

    words: str
    tone: str


def clock(request: AskedAbout, today: datetime.date, *, notice: int) -> Clock | None:
    """Overdue, due soon or due later; None for one that waits for nobody. `request` has its standing."""
    due = request.due_on
    if not request.waits or due is None:
        return None
    days = (due - today).days
    if days < 0:
        return Clock(f"{-days} day{'' if days == -1 else 's'} overdue", "danger")
    if days == 0:
        return Clock("Due today", "danger")
    return Clock(f"Due in {days} day{'' if days == 1 else 's'}", "attention" if days <= notice else "neutral")


def take(*, request: AskedAbout, owner: StaffMember, by: StaffMember) -> RequestStep:
    """Make somebody of the clinic who works the queue responsible for a request."""
    if owner.clinic_id != request.clinic_id or not owner.is_active or owner.role not in roles_with(_WORK):
        raise NotPermitted("Choose someone who works this queue.")
    return _step(request, Step.TAKEN, by, owner=owner)


def identify(*, request: AskedAbout, client: Client, by: StaffMember) -> RequestStep:
    """Say which client a request is about, after checking who they are. Those who asked are not told."""
    demand(by, Permission.CLIENT_VIEW, client)
    return _step(request, Step.OF, by, client=client)


def note(*, request: AskedAbout, reason: str, by: StaffMember) -> RequestStep:
    """Add what was done: a letter sent, counsel asked."""
    return _step(request, Step.NOTED, by, reason=_said(reason))


def extend(*, request: AskedAbout, until: datetime.date, reason: str, by: StaffMember) -> RequestStep:
    """Extend a client's own request once, while it is not due yet, with the reason that the client is told in writing.

    45 CFR 164.524(b)(2)(iii), 164.528(c)(1)(ii). Raises NotExtendable, ReasonNeeded.
    """
    said, today = _said(reason), timezone.localdate(timezone=request.clinic.zone)
    due = request.answer_by
    extended = RequestStep.objects.filter(asked=request, step=Step.EXTENDED).exists()
    if not request.has_a_clock or due is None or extended or today > due or not due < until <= due + EXTENSION:
        raise NotExtendable
    return _step(request, Step.EXTENDED, by, until=until, reason=said)


def close(
    *,
    request: AskedAbout,
    outcome: str,
    reason: str,
    by: StaffMember,
    disclosure: Disclosure | None = None,
    went_as_asked: bool = False,
    ground: str = "",
) -> RequestStep:
    """Close a request with what came of it and why.

    `went_as_asked` is the word of who closes it that a disclosure to another name than the one who asked answers this
    request: a lawyer's papers that name the court, say. It is in the audit entry.

    Raises NotReleasable for “disclosed” without a recorded disclosure of the client it is about, BeforeIt for one from
    before the request was received, AnswersAnother for one that closed another request, ToSomeoneElse, and
    SubpoenaAlone if papers of a court are answered on another basis than an order or a consent for legal proceedings
    (42 CFR 2.61); NotGivenYet for “given” before anything was; GroundNeeded for a copy denied to the client without a
    ground of the law, which their letter names (`denials`), and for a list of disclosures, which has none; NotTheirOwn;
    ReasonNeeded; AlreadyClosed.
    """
    said, end = _said(reason), Outcome(outcome)
    if (end in (Outcome.GIVEN, Outcome.REFUSED) and not request.has_a_clock) or (
        end == Outcome.RELEASED and request.has_a_clock
    ):
        raise NotTheirOwn
    if end == Outcome.GIVEN and not RecordGiven.objects.filter(asked=request).exists():
        raise NotGivenYet
    if end == Outcome.RELEASED:
        _check_release(request, disclosure)
        if disclosure is not None and not went_as_asked:
            _check_recipient(request, disclosure)
    if end == Outcome.REFUSED and (request.kind != Kind.RECORD_COPY or ground not in RequestStep.Ground.values):
        raise GroundNeeded
    return _step(
        request,
        Step.CLOSED,
        by,
        outcome=end,
        reason=said,
        disclosure=disclosure if end == Outcome.RELEASED else None,
        audited={"went_as_asked": went_as_asked} if end == Outcome.RELEASED else None,
        ground=ground if end == Outcome.REFUSED else "",
    )


def client_of(request: AskedAbout) -> Client | None:
    """The client a request is about, as somebody who works the queue identified them; a merged record's kept one."""
    step = request.steps.filter(step=Step.OF).select_related("client__clinic").last()
    if step is not None:
        return step.client
    if request.client_id is None:
        return None
    rows = Client.objects.filter(pk=request.client_id, clinic=request.clinic_id)
    found = rows.select_related("clinic", "merged_into__clinic").first()
    return (found.merged_into or found) if found else None


_WORK = Permission.REQUESTS_WORK


def _check_release(request: AskedAbout, disclosure: Disclosure | None) -> None:
    client = client_of(request)
    if disclosure is None or client is None or disclosure.client_id != client.pk:
        raise NotReleasable
    day = timezone.localdate(disclosure.disclosed_at, request.clinic.zone)
    if request.received_on is not None and day < request.received_on:
        raise BeforeIt
    if RequestStep.objects.filter(disclosure=disclosure).exclude(asked=request).exists():
        raise AnswersAnother
    by_consent = disclosure.consent is not None and disclosure.consent.type == Consent.Type.LEGAL
    if request.is_legal and disclosure.basis != Disclosure.Basis.COURT_ORDER and not by_consent:
        raise SubpoenaAlone


def _said(reason: str) -> str:
    if not says_something(reason, least=2, length=8):
        raise ReasonNeeded
    return reason.strip()[:1000]


def _check_recipient(request: AskedAbout, disclosure: Disclosure) -> None:
    """It went to who asked, or to their office, by its whole name."""
    if not any(names.is_whole(request.asked_by, each) for each in (disclosure.recipient, disclosure.affiliation)):
        raise ToSomeoneElse(disclosure)


class _Facts(TypedDict, total=False):
    owner: StaffMember
    client: Client
    until: datetime.date
    outcome: str
    reason: str
    disclosure: Disclosure | None
    ground: str


def _step(
    request: AskedAbout,
    step: RequestStep.Step,
    by: StaffMember,
    *,
    audited: dict[str, object] | None = None,
    **facts: Unpack[_Facts],
) -> RequestStep:
    demand(by, _WORK)
    if request.clinic_id != by.clinic_id:
        raise NotPermitted
    with act("privacy.request_step", by=by, client=facts.get("client")) as entry:
        StaffMember.objects.select_for_update(no_key=True).get(pk=by.pk)  # the same form twice: one after the other
        if request.kind == Kind.QUESTION or RequestStep.objects.filter(asked=request, step=Step.CLOSED).exists():
            raise AlreadyClosed
        made = RequestStep.objects.create(
            clinic_id=request.clinic_id, asked=request, step=step, at=timezone.now(), by=by, **facts
        )
        more = audited or {}
        entry.about(made, request=request.pk, step=str(step), outcome=made.outcome, ground=made.ground, **more)
    return made
