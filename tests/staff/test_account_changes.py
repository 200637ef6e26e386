"""Two people for every change of who may do what. First the attack: an administrator becomes a supervisor, alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client as Browser
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from counseling import notes
from counseling.models import SessionNote
from staff import account_changes
from staff.models import AccountChange, AuditEntry, Clinic, Role, StaffMember
from staff.refusals import NotPermitted, Refusal
from tests.factories import PASSWORD, TreatmentEpisodeFactory
from tests.ownership import as_owner

SignIn = Callable[[StaffMember], Browser]
MakeStaff = Callable[..., StaffMember]
WHY = "She asked me at the front desk this morning"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
REQUEST = RequestFactory().get("/")


def sign_in(email: str, password: str = PASSWORD) -> Browser:
    browser = Browser()
    browser.post("/account/login/", {"login": email, "password": password})
    return browser


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/stay/").status_code == 204


def waiting(administrator: StaffMember, person: StaffMember, kind: str = "email") -> AccountChange:
    if kind == "role":
        return account_changes.ask_for_role(
            staff_member=person, role=Role.MEDICAL, administers=False, reason=WHY, by=administrator
        )
    if kind == "supervision":
        return account_changes.ask_for_supervision(
            staff_member=person, supervisor=None, credential="MSW", reason=WHY, by=administrator
        )
    if kind == "second_step":
        TOTP.activate(person, SECRET)
        return account_changes.ask_to_remove_second_step(staff_member=person, reason=WHY, by=administrator)
    if kind == "return":
        StaffMember.objects.filter(pk=person.pk).update(is_active=False)
        person.refresh_from_db()
        return account_changes.ask_for_return(staff_member=person, reason=WHY, by=administrator)
    return account_changes.ask_for_email(
        staff_member=person, email="elsewhere@onward.example", reason=WHY, by=administrator
    )


def test_an_administrator_alone_makes_no_colleagues_account_their_own(
    administrator: StaffMember, supervisor: StaffMember, signed_in: SignIn
) -> None:
    """Change the address, remove the second step, send the link, sign in as them: it worked."""
    TOTP.activate(supervisor, SECRET)
    before = supervisor.email
    desk = signed_in(administrator)
    page = reverse("admin:staff_staffmember_change", args=[supervisor.pk])
    desk.post(
        page,
        {
            "given_name": "Sample", "family_name": supervisor.family_name, "role": Role.ADMINISTRATOR,
            "email": "mine@onward.example", "is_active": "on", "is_staff": "on",
        },
    )  # fmt: skip
    for action in ("remove_second_factor", "send_password_link"):
        desk.post(reverse("admin:staff_staffmember_changelist"), {"action": action, "_selected_action": supervisor.pk})
    supervisor.refresh_from_db()
    assert (supervisor.email, supervisor.role, supervisor.is_staff) == (before, Role.SUPERVISOR, False)
    assert Authenticator.objects.filter(user=supervisor).exists()
    assert {address for message in mail.outbox for address in message.to} == {before}
    for kind in ("role", "email", "second_step"):
        Authenticator.objects.all().delete()
        change = waiting(administrator, supervisor, kind)
        for way in (
            lambda change=change: account_changes.approve(change=change, by=administrator, request=REQUEST),
            lambda change=change: account_changes.approve(change=change, by=supervisor, request=REQUEST),
        ):
            with pytest.raises(account_changes.NeedsAnother):
                way()
        answer = desk.post(reverse("staff:change", args=[change.pk]), {"password": PASSWORD})
        assert "A second person has to approve this" in answer.content.decode()
    supervisor.refresh_from_db()
    assert (supervisor.email, supervisor.role) == (before, Role.SUPERVISOR)
    assert Authenticator.objects.filter(user=supervisor).exists()


def test_an_administrator_alone_makes_no_account_that_reads_charts(
    administrator: StaffMember, signed_in: SignIn
) -> None:
    desk = signed_in(administrator)
    said = {
        "given_name": "Made", "family_name": "Up", "email": "mine@onward.example", "role": Role.SUPERVISOR,
        "reason": "A new supervisor begins on Monday",
    }  # fmt: skip
    assert desk.post(reverse("staff:invite"), said).status_code == 302
    change = AccountChange.objects.get()
    desk.post(reverse("staff:change", args=[change.pk]), {"password": PASSWORD})
    assert not StaffMember.objects.filter(email="mine@onward.example").exists()
    assert mail.outbox == [], "no one else could approve it"


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.SUPERVISOR, Role.PRIVACY_OFFICER])
def test_a_second_person_approves_with_their_password_and_the_old_address_is_told(
    administrator: StaffMember, counselor: StaffMember, make_staff: MakeStaff, signed_in: SignIn, role: str
) -> None:
    second = make_staff(role)
    before = counselor.email
    EmailAddress.objects.create(user=counselor, email=before, primary=True, verified=True)
    at_work = signed_in(counselor)
    change = waiting(administrator, counselor)
    assert {message.to[0] for message in mail.outbox} == {before, second.email}
    mail.outbox.clear()
    office = signed_in(second)
    page = office.get(reverse("staff:change", args=[change.pk])).content.decode()
    assert WHY in page
    assert before in page
    office.post(reverse("staff:change", args=[change.pk]), {"password": "wrong"})
    assert AccountChange.objects.waiting().exists(), "a browser left open approves nothing"
    assert office.post(reverse("staff:change", args=[change.pk]), {"password": PASSWORD}).status_code == 302
    counselor.refresh_from_db()
    assert counselor.email == "elsewhere@onward.example"
    assert not is_signed_in(at_work)
    assert {message.to[0] for message in mail.outbox} == {before, counselor.email}
    assert "You were signed out everywhere" in mail.outbox[0].body
    assert not is_signed_in(sign_in(before)), "the library remembers addresses, too"
    mail.outbox.clear()
    Browser().post("/account/password/reset/", {"email": before})
    assert "There is no such account" in mail.outbox[0].body
    assert is_signed_in(sign_in(counselor.email))
    entry = AuditEntry.objects.get(act="staff.approve_account_change")
    assert entry.staff_member == second
    assert entry.details == {"kind": "email", "staff_member": counselor.pk, "requested_by": administrator.pk}


@pytest.mark.parametrize("kind", ["role", "supervision", "second_step", "return"])
def test_every_kind_takes_effect_and_ends_the_persons_sessions(
    administrator: StaffMember, supervisor: StaffMember, counselor: StaffMember, signed_in: SignIn, kind: str
) -> None:
    at_work = signed_in(counselor)
    change = waiting(administrator, counselor, kind)
    account_changes.approve(change=change, by=supervisor, request=REQUEST)
    counselor.refresh_from_db()
    assert counselor.is_active
    assert counselor.role == (Role.MEDICAL if kind == "role" else Role.COUNSELOR)
    assert (counselor.credential == "MSW") == (kind == "supervision")
    assert not Authenticator.objects.filter(user=counselor).exists()
    assert not is_signed_in(at_work)
    assert mail.outbox[-1].to == [counselor.email]


def test_an_invited_colleague_chooses_their_own_password(
    administrator: StaffMember, supervisor: StaffMember, signed_in: SignIn
) -> None:
    said = {
        "given_name": "New", "family_name": "Colleague", "email": "new@onward.example", "role": Role.COUNSELOR,
        "credential": "LCDC-I", "supervisor": supervisor.pk, "reason": "Begins on Monday, hired by the director",
    }  # fmt: skip
    signed_in(administrator).post(reverse("staff:invite"), said)
    mail.outbox.clear()
    page = reverse("staff:change", args=[AccountChange.objects.get().pk])
    assert signed_in(supervisor).post(page, {"password": PASSWORD}).status_code == 302
    person = StaffMember.objects.get(email="new@onward.example")
    assert (person.clinic, person.role, person.credential, person.supervisor) == (
        administrator.clinic, Role.COUNSELOR, "LCDC-I", supervisor,
    )  # fmt: skip
    assert not person.has_usable_password()
    [message] = mail.outbox
    assert message.to == [person.email]
    link = next(word for word in message.body.split() if "/reset/key/" in word)
    browser = Browser()
    form = browser.get(link, follow=True).redirect_chain[-1][0]
    browser.post(form, {"password1": "four small plain words", "password2": "four small plain words"})
    assert is_signed_in(sign_in(person.email, "four small plain words"))


def test_who_may_ask_and_who_may_approve(
    administrator: StaffMember,
    supervisor: StaffMember,
    counselor: StaffMember,
    make_staff: MakeStaff,
    other_clinic: Clinic,
    signed_in: SignIn,
) -> None:
    stranger = make_staff(Role.ADMINISTRATOR, clinic=other_clinic)
    for by in (supervisor, counselor, stranger):
        with pytest.raises(NotPermitted):
            waiting(by, make_staff())
    change = waiting(administrator, make_staff())
    for by in (counselor, make_staff(Role.MEDICAL), make_staff(Role.INTAKE_COORDINATOR), stranger):
        with pytest.raises(NotPermitted):
            account_changes.approve(change=change, by=by, request=REQUEST)
        with pytest.raises(NotPermitted):
            account_changes.decline(change=change, by=by)
    assert signed_in(stranger).get(reverse("staff:change", args=[change.pk])).status_code == 404
    assert change.whom not in signed_in(stranger).get(reverse("staff:changes"), {"state": "all"}).content.decode()
    others = make_staff(clinic=other_clinic)
    assert signed_in(administrator).get(reverse("staff:ask_email", args=[others.pk])).status_code == 404
    with pytest.raises(NotPermitted):
        account_changes.invite(
            email="a@onward.example", given_name="A", family_name="B", role=Role.COUNSELOR, credential="",
            supervisor=others, reason=WHY, by=administrator,
        )  # fmt: skip
    with pytest.raises(account_changes.OwnRole):
        waiting(administrator, administrator, "role")


def test_declined_and_withdrawn_change_nothing_and_nothing_is_decided_twice(
    administrator: StaffMember, supervisor: StaffMember, counselor: StaffMember
) -> None:
    for by, outcome in ((supervisor, "declined"), (administrator, "withdrawn")):
        change = waiting(administrator, counselor)
        with pytest.raises(account_changes.AlreadyAsked):
            waiting(administrator, counselor)
        account_changes.decline(change=change, by=by)
        change.refresh_from_db()
        assert change.outcome == outcome
        with pytest.raises(account_changes.AlreadyDecided):
            account_changes.approve(change=change, by=supervisor, request=REQUEST)
    counselor.refresh_from_db()
    assert counselor.email != "elsewhere@onward.example"


def test_a_reason_says_something_and_an_address_is_free(
    administrator: StaffMember, supervisor: StaffMember, counselor: StaffMember, make_staff: MakeStaff
) -> None:
    with pytest.raises(account_changes.WhyChanged):
        account_changes.ask_for_email(staff_member=counselor, email="b@onward.example", reason="x", by=administrator)
    with pytest.raises(account_changes.AddressTaken):
        account_changes.ask_for_email(
            staff_member=counselor, email=supervisor.email.upper(), reason=WHY, by=administrator
        )
    change = waiting(administrator, counselor)
    make_staff(email="Elsewhere@onward.example")
    with pytest.raises(account_changes.AddressTaken):
        account_changes.approve(change=change, by=supervisor, request=REQUEST)


def test_an_account_is_turned_off_by_one_and_on_by_two(
    administrator: StaffMember, counselor: StaffMember, signed_in: SignIn
) -> None:
    at_work, desk = signed_in(counselor), signed_in(administrator)
    page = reverse("admin:staff_staffmember_change", args=[counselor.pk])
    said = {"given_name": "Sample", "family_name": counselor.family_name}
    assert desk.post(page, said).status_code == 302
    counselor.refresh_from_db()
    assert not counselor.is_active
    assert not is_signed_in(at_work)
    assert b"A second person approves this" in desk.post(page, {**said, "is_active": "on"}).content
    counselor.refresh_from_db()
    assert not counselor.is_active


def test_where_no_one_else_could_approve_whoever_runs_the_server_does(
    administrator: StaffMember, counselor: StaffMember, make_staff: MakeStaff, capsys: Any
) -> None:
    change = waiting(administrator, counselor)
    call_command("approve_account_change")
    assert f"{change.pk}  Example Clinic" in capsys.readouterr().out
    second = make_staff(Role.SUPERVISOR)
    with pytest.raises(CommandError, match="Someone else at the clinic can approve"):
        call_command("approve_account_change", change.pk)
    StaffMember.objects.filter(pk=second.pk).update(is_active=False)
    call_command("approve_account_change", change.pk)
    counselor.refresh_from_db()
    assert counselor.email == "elsewhere@onward.example"
    entry = AuditEntry.objects.get(act="staff.approve_account_change")
    assert (entry.staff_member, entry.details["on_server"]) == (None, True)
    with pytest.raises(CommandError, match="No change with this number"):
        call_command("approve_account_change", change.pk)


def test_the_database_itself_wants_a_second_person(
    administrator: StaffMember, supervisor: StaffMember, counselor: StaffMember
) -> None:
    change = waiting(administrator, counselor)
    decided = {"outcome": "approved", "decided_at": timezone.now()}
    rows = AccountChange.objects.filter(pk=change.pk)
    for broken in (
        {**decided, "decided_by": administrator},
        {**decided, "decided_by": counselor},
        {**decided, "decided_by": None},
        {**decided, "decided_by": supervisor, "on_server": True},
        {"outcome": "approved", "decided_by": supervisor},
        {"decided_by": supervisor},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**broken)
    for broken in ({"email": "mine@onward.example"}, {"requested_by": supervisor}, {"staff_member": supervisor}):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**broken)
    with pytest.raises(IntegrityError), transaction.atomic():
        AccountChange.objects.create(
            clinic=administrator.clinic, kind="role", staff_member=administrator, role=Role.SUPERVISOR, reason=WHY,
            requested_by=administrator, requested_at=timezone.now(),
        )  # fmt: skip
    account_changes.approve(change=change, by=supervisor, request=REQUEST)
    for write in (lambda: rows.update(outcome=""), lambda: rows.update(decided_by=administrator), rows.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()
    with as_owner(), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE staff_accountchange CASCADE")


def test_without_a_mail_server_a_change_is_decided_all_the_same(
    administrator: StaffMember, supervisor: StaffMember, counselor: StaffMember, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    change = waiting(administrator, counselor)
    account_changes.approve(change=change, by=supervisor, request=REQUEST)
    counselor.refresh_from_db()
    assert counselor.email == "elsewhere@onward.example"


def test_the_list_asks_as_much_for_five_as_for_one(
    administrator: StaffMember, make_staff: MakeStaff, signed_in: SignIn
) -> None:
    office = signed_in(administrator)
    asked = []
    for number in range(2):
        for each in range(1 + 3 * number):
            person = make_staff()
            account_changes.ask_for_email(
                staff_member=person, email=f"n{number}{each}@onward.example", reason=WHY, by=administrator
            )
        with CaptureQueriesContext(connection) as statements:
            office.get(reverse("staff:changes"))
        asked.append(len(statements))
    assert asked[0] == asked[1] <= 12


def test_each_refusal_is_a_sentence() -> None:
    kinds = [each for each in vars(account_changes).values() if isinstance(each, type) and issubclass(each, Refusal)]
    assert len(kinds) >= 8
    assert all(each().sentence.endswith(".") for each in kinds)


def test_an_administrator_alone_sets_no_supervisor_and_no_credential(
    administrator: StaffMember,
    counselor: StaffMember,
    supervisor: StaffMember,
    make_staff: MakeStaff,
    signed_in: SignIn,
) -> None:
    """A supervisor reads drafts, and “MD” stood under what a counselor signed: one person set both, and no one knew."""
    trainee, desk = make_staff(), signed_in(administrator)
    page = reverse("admin:staff_staffmember_change", args=[trainee.pk])
    said = {"given_name": "Sample", "family_name": trainee.family_name, "is_active": "on"}
    desk.post(page, {**said, "supervisor": counselor.pk, "credential": "MD"})
    trainee.refresh_from_db()
    assert (trainee.supervisor, trainee.credential) == (None, "")
    ask = reverse("staff:ask_supervision", args=[trainee.pk])
    assert desk.post(ask, {"supervisor": supervisor.pk, "credential": "LCDC", "reason": WHY}).status_code == 302
    assert {message.to[0] for message in mail.outbox} == {trainee.email, supervisor.email}
    change = AccountChange.objects.get()
    assert change.will_be == f"LCDC, supervised by {supervisor}"
    trainee.refresh_from_db()
    assert trainee.supervisor is None, "it waits"
    account_changes.approve(change=change, by=supervisor, request=REQUEST)
    trainee.refresh_from_db()
    assert (trainee.supervisor, trainee.credential) == (supervisor, "LCDC")


def test_who_may_supervise_and_nobody_asks_for_themselves(
    administrator: StaffMember, make_staff: MakeStaff, other_clinic: Clinic, signed_in: SignIn
) -> None:
    trainee, desk = make_staff(), signed_in(administrator)
    ask = reverse("staff:ask_supervision", args=[trainee.pk])
    for able, kind in (
        (make_staff(Role.MEDICAL), account_changes.CantSupervise),
        (make_staff(Role.COUNSELOR), account_changes.CantSupervise),
        (make_staff(Role.SUPERVISOR, is_active=False), account_changes.CantSupervise),
        (make_staff(Role.SUPERVISOR, clinic=other_clinic), NotPermitted),
    ):
        with pytest.raises(kind):
            account_changes.ask_for_supervision(
                staff_member=trainee, supervisor=able, credential="", reason=WHY, by=administrator
            )
        said = {"supervisor": able.pk, "credential": "", "reason": WHY}
        assert desk.post(ask, said).status_code == 200
    with pytest.raises(account_changes.OwnSupervision):
        waiting(administrator, administrator, "supervision")
    own = make_staff(Role.SUPERVISOR)
    with pytest.raises(account_changes.CantSupervise):
        account_changes.ask_for_supervision(
            staff_member=own, supervisor=own, credential="", reason=WHY, by=administrator
        )
    with pytest.raises(account_changes.CantSupervise):
        account_changes.invite(
            email="a@onward.example", given_name="A", family_name="B", role=Role.COUNSELOR, credential="",
            supervisor=make_staff(Role.MEDICAL), reason=WHY, by=administrator,
        )  # fmt: skip
    assert not AccountChange.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        AccountChange.objects.create(
            clinic=administrator.clinic, kind="supervision", staff_member=administrator, credential="MD", reason=WHY,
            requested_by=administrator, requested_at=timezone.now(),
        )  # fmt: skip


def test_who_is_set_as_supervisor_without_a_role_that_cosigns_reads_no_draft(
    client_record: Any, counselor: StaffMember, medical: StaffMember, supervisor: StaffMember
) -> None:
    episode = TreatmentEpisodeFactory(client=client_record)
    draft = notes.start(client=client_record, episode=episode, by=counselor, format="dap")
    for reader, read in ((medical, []), (supervisor, [draft])):
        StaffMember.objects.filter(pk=counselor.pk).update(supervisor=reader)
        assert list(SessionNote.objects.visible_to(reader)) == read


@pytest.mark.parametrize("gone", [{"is_active": False}, {"role": Role.COUNSELOR}])
def test_what_someone_asked_for_who_may_no_longer_ask_is_not_approved(
    administrator: StaffMember, supervisor: StaffMember, counselor: StaffMember, make_staff: MakeStaff, gone: Any
) -> None:
    """An administrator who is turned off leaves nothing behind that waits to take effect."""
    change = waiting(administrator, counselor)
    StaffMember.objects.filter(pk=administrator.pk).update(**gone)
    with pytest.raises(account_changes.AskerIsGone):
        account_changes.approve(change=change, by=supervisor, request=REQUEST)
    StaffMember.objects.filter(pk=supervisor.pk).update(is_active=False)
    with pytest.raises(CommandError, match="may no longer"):
        call_command("approve_account_change", change.pk)
    counselor.refresh_from_db()
    assert counselor.email != "elsewhere@onward.example"
    account_changes.decline(change=change, by=make_staff(Role.PRIVACY_OFFICER))


def turn_off(desk: Browser, person: StaffMember) -> bool:
    desk.post(
        reverse("admin:staff_staffmember_change", args=[person.pk]),
        {"given_name": person.given_name, "family_name": person.family_name},
    )
    person.refresh_from_db()
    return not person.is_active


def test_an_administrator_does_not_turn_off_everyone_who_oversees_them(
    administrator: StaffMember, supervisor: StaffMember, privacy_officer: StaffMember, make_staff: MakeStaff,
    other_clinic: Clinic, signed_in: SignIn,
) -> None:  # fmt: skip
    """One administrator turned off every approver, the privacy officer included, and nobody was told."""
    make_staff(Role.PRIVACY_OFFICER, clinic=other_clinic)
    desk, second = signed_in(administrator), make_staff(Role.SUPERVISOR)
    assert not turn_off(desk, privacy_officer), "the last one"
    assert turn_off(desk, second)
    assert {message.to[0] for message in mail.outbox} == {second.email, supervisor.email, privacy_officer.email}
    assert all("turned off" in message.body for message in mail.outbox)
    assert turn_off(desk, supervisor)  # two are left who approve
    assert not turn_off(desk, privacy_officer)
    deputy = make_staff(Role.PRIVACY_OFFICER)
    assert turn_off(desk, privacy_officer)
    assert not turn_off(desk, deputy)
    other = make_staff(Role.ADMINISTRATOR)
    page = desk.post(reverse("admin:staff_staffmember_change", args=[deputy.pk]), {"given_name": "A"})
    assert "End their work here" in page.content.decode()
    leaving = account_changes.ask_for_departure(staff_member=deputy, takes_over=other, reason=WHY, by=administrator)
    account_changes.approve(change=leaving, by=other, request=REQUEST)
    deputy.refresh_from_db()
    assert not deputy.is_active


def test_whose_account_is_turned_off_is_told_and_so_are_those_who_oversee_accounts(
    administrator: StaffMember, supervisor: StaffMember, counselor: StaffMember, signed_in: SignIn
) -> None:
    assert turn_off(signed_in(administrator), counselor)
    subjects = {message.to[0]: message.subject for message in mail.outbox}
    assert subjects == {
        counselor.email: "Your staff account was turned off", supervisor.email: "A staff account was turned off",
    }  # fmt: skip
