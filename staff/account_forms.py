"""Forms that ask for changes of accounts: they check what was typed; `staff.account_changes` enforces the rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from staff.access import Permission, roles_with
from staff.confirming import SignatureForm
from staff.models import Role, StaffMember

WHO_MAY_SUPERVISE = roles_with(Permission.NOTE_COSIGN)


class ReasonForm(forms.Form):
    """Why, for the person who approves it."""

    reason = forms.CharField(
        label="Why",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For the person who approves it: who asked, and how you know it was them.",
    )


class RoleForm(ReasonForm):
    """Another role for a colleague."""

    role = forms.ChoiceField(choices=Role.choices)
    administers = forms.BooleanField(label="Opens the administration pages", required=False)
    field_order = ("role", "administers", "reason")


class SupervisionForm(ReasonForm):
    """Another supervisor or credential for a colleague."""

    supervisor = forms.ModelChoiceField(
        StaffMember.objects.none(),
        required=False,
        empty_label="No one: their notes need no cosignature",
        help_text="Reads their drafts and cosigns their notes.",
    )
    credential = forms.CharField(
        max_length=30, required=False, help_text="Shown after the name on signed notes, e.g. LCDC."
    )
    field_order = ("supervisor", "credential", "reason")

    def __init__(self, *args: Any, by: StaffMember, person: StaffMember, **kwargs: Any) -> None:
        known = {"supervisor": person.supervisor_id, "credential": person.credential}
        super().__init__(*args, **{**kwargs, "initial": known})
        able = Q(is_active=True, role__in=WHO_MAY_SUPERVISE) | Q(pk=person.supervisor_id)
        colleagues = StaffMember.objects.visible_to(by).filter(able).exclude(pk=person.pk)
        self.fields["supervisor"].queryset = colleagues  # type: ignore[attr-defined]


class EmailForm(ReasonForm):
    """Another address to sign in with."""

    email = forms.EmailField(label="New work email", max_length=254)
    field_order = ("email", "reason")


class InvitationForm(ReasonForm):
    """A new colleague. Nobody chooses a password for someone else."""

    given_name = forms.CharField(label="First name", max_length=60)
    family_name = forms.CharField(label="Last name", max_length=60)
    email = forms.EmailField(label="Work email", max_length=254, help_text="For signing in. The invitation goes there.")
    role = forms.ChoiceField(choices=[("", "Choose a role"), *Role.choices])
    credential = forms.CharField(
        max_length=30, required=False, help_text="Shown after the name on signed notes, e.g. LCDC."
    )
    supervisor = forms.ModelChoiceField(
        StaffMember.objects.none(),
        required=False,
        empty_label="No one: their notes need no cosignature",
        help_text="If set, their notes need the supervisor’s cosignature.",
    )
    field_order = ("given_name", "family_name", "email", "role", "credential", "supervisor", "reason")

    def __init__(self, *args: Any, by: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleagues = StaffMember.objects.visible_to(by).filter(is_active=True, role__in=WHO_MAY_SUPERVISE)
        self.fields["supervisor"].queryset = colleagues  # type: ignore[attr-defined]


class DepartureForm(ReasonForm):
    """Who takes over from somebody whose work here ends."""

    takes_over = forms.ModelChoiceField(
        StaffMember.objects.none(),
        label="Who takes over",
        empty_label="Choose a colleague",
        help_text="Gets the caseload, drafts, supervisees, groups, appointments, tasks and reminders they may have.",
    )
    field_order = ("takes_over", "reason")

    def __init__(self, *args: Any, by: StaffMember, leaving: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleagues = StaffMember.objects.visible_to(by).filter(is_active=True).exclude(pk=leaving.pk)
        self.fields["takes_over"].queryset = colleagues  # type: ignore[attr-defined]


class ApprovalForm(SignatureForm):
    """Approving takes the password or a passkey again: a browser left open approves nothing."""
