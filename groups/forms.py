"""Forms of groups: they check what was typed; the functions enforce the rules."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils import timezone

from appointments.asked_reasons import AsksReasons
from appointments.spans import RoomTaken, StaffTaken, Taken
from groups import leading
from groups.models import Group, GroupSession, KeepApart, LeaveReason, Participation
from staff.access import Permission, can
from staff.confirming import SignatureForm
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.typed_fields import ClockField, KeyField, PlannedDayField, PlannedMomentField, number_fields


class GroupForm(forms.ModelForm):
    """A group: what it is, when and where it meets, for whom, and its facilitators."""

    facilitators = forms.ModelMultipleChoiceField(
        queryset=StaffMember.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text="At least one, even for a peer-led group. They read the notes of its sessions from today on.",
    )

    class Meta:
        model = Group
        fields = (
            "name", "type", "openness", "program", "weekday", "starts_at", "minutes", "room", "starts_on", "ends_on",
            "capacity", "minimum", "is_open", "facilitators",
        )  # fmt: skip
        field_classes = {
            "starts_at": ClockField,
            "starts_on": PlannedDayField,
            "ends_on": PlannedDayField,
            **number_fields(Group),
        }
        help_texts = {"name": "The name members and staff use. It shows on the roster, not in messages."}

    def __init__(self, *args: Any, staff_member: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.clinic = staff_member.clinic
        for name, colleagues in (("program", staff_member.clinic.programs.all()), ("facilitators", None)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = (
                StaffMember.objects.visible_to(staff_member).clinicians() if colleagues is None else colleagues
            )
        if self.instance.pk:
            self.initial["facilitators"] = list(self.instance.facilitators.all())
            if not leading.may_say(self.instance, staff_member):
                del self.fields["facilitators"]

    def facts(self) -> dict[str, Any]:
        """The group's own fields."""
        return {name: value for name, value in self.cleaned_data.items() if name != "facilitators"}


class LeadersForm(forms.Form):
    """Who led a session, or covers it."""

    facilitators = forms.ModelMultipleChoiceField(
        queryset=StaffMember.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text="They read and sign the notes of this session.",
    )

    def __init__(self, *args: Any, session: GroupSession, staff_member: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["facilitators"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = StaffMember.objects.visible_to(staff_member).clinicians()
        field.initial = [each.staff_member_id for each in session.facilitator_rows.all()]


class JoinForm(forms.Form):
    """The day membership starts, and a reason if there is no spot."""

    joined_on = PlannedDayField(label="Member from")
    override_reason = forms.CharField(
        label="Reason for adding over capacity",
        max_length=200,
        required=False,
        help_text="Only a supervisor can add someone to a full or closed group.",
    )

    def __init__(self, *args: Any, staff_member: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["joined_on"].initial = timezone.localdate(timezone=staff_member.clinic.zone)
        if not can(staff_member, Permission.GROUP_OVERRIDE):
            del self.fields["override_reason"]


class GroupChoiceField(forms.ModelChoiceField):
    """Groups to choose from, each with its type and time."""

    def label_from_instance(self, obj: Any) -> str:
        """Enough detail to distinguish groups."""
        return f"{obj.name} ({obj.get_type_display()}; {obj.schedule})"


class ClientJoinForm(JoinForm):
    """The same from the chart, with the group to choose."""

    group = GroupChoiceField(queryset=Group.objects.none(), empty_label="Choose a group")
    field_order = ("group", "joined_on", "override_reason")

    def __init__(self, *args: Any, staff_member: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, staff_member=staff_member, **kwargs)
        field = self.fields["group"]
        assert isinstance(field, forms.ModelChoiceField)
        today = timezone.localdate(timezone=staff_member.clinic.zone)
        field.queryset = Group.objects.visible_to(staff_member).running(today).filter(is_open=True)


class LeaveForm(forms.Form):
    """When and why a membership ends."""

    left_on = PlannedDayField(label="First day out of the group", help_text="The day after their last day.")
    reason = forms.ChoiceField(label="Reason", choices=[("", "Choose a reason"), *LeaveReason.choices])


class NoteForm(forms.Form):
    """Words for the chart about a mentor's break, review or end."""

    note = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), required=False)


class KeepApartForm(forms.Form):
    """Someone to keep separate from the client."""

    other = KeyField(
        label="The other client’s number",
        help_text="It is at the top of their chart. You need access to both charts.",
    )
    kind = forms.ChoiceField(label="Reason", choices=KeepApart.Kind.choices)
    note = forms.CharField(max_length=200, required=False, help_text="For staff who can see both charts.")


class SessionForm(AsksReasons, forms.ModelForm):
    """One session to plan."""

    asked_after = {"overlap": (StaffTaken, RoomTaken)}
    overlap_reason = forms.CharField(label="Why both are needed", max_length=200, required=False)

    class Meta:
        model = GroupSession
        fields = ("starts_at", "minutes", "topic", "method")
        field_classes = {"starts_at": PlannedMomentField, **number_fields(GroupSession)}
        labels = {"starts_at": "Start", "minutes": "Length in minutes"}

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal, beside the time where another one helps, with the field for a reason."""
        self.ask_why(refusal)
        self.add_error("starts_at" if isinstance(refusal, Taken) else None, refusal.sentence)

    def facts(self) -> dict[str, Any]:
        """What planning takes."""
        return self.cleaned_data | {"overlap_reason": self.reason_for("overlap")}


class GenerateForm(forms.Form):
    """Weekly sessions to plan at once."""

    until = PlannedDayField(label="Schedule weekly sessions until")

    def __init__(self, *args: Any, today: datetime.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].initial = today + datetime.timedelta(days=84)


class CancelForm(forms.Form):
    """Why the clinic cancels a session."""

    reason = forms.CharField(max_length=200, required=False, help_text="Don’t use members’ names.")


class GroupNoteForm(forms.ModelForm):
    """The note about the group as a whole."""

    class Meta:
        model = GroupSession
        fields = ("topic", "method", "group_note")
        widgets = {"group_note": forms.Textarea(attrs={"rows": 5})}
        labels = {"group_note": "Group note"}


class MemberNoteForm(forms.Form):
    """The note about one member."""

    participation = forms.ChoiceField(choices=[("", "Choose"), *Participation.choices], required=False)
    response = forms.CharField(
        label="Response to the session", widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    progress = forms.CharField(label="Progress on goals", widget=forms.Textarea(attrs={"rows": 2}), required=False)


class AddendumForm(SignatureForm):
    """An addendum to a signed note, signed like it."""

    text = forms.CharField(label="Correction", widget=forms.Textarea(attrs={"rows": 2}))
    reason = forms.CharField(label="Reason", max_length=200)
    field_order = ("text", "reason", "password", "credential")
