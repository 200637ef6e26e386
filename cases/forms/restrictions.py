"""Forms about a client's own restrictions."""

from __future__ import annotations

from django import forms

from staff.models import StaffMember


class RestrictionForm(forms.Form):
    """Whom the client does not want to see their record, and why."""

    staff_member = forms.ModelChoiceField(StaffMember.objects.none(), label="Staff member", empty_label="Choose")
    reason = forms.CharField(
        label="What the client asked for",
        max_length=300,
        help_text="In their words if you can, such as “Not my cousin who works here.”",
    )

    def __init__(self, *args: object, by: StaffMember, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["staff_member"]
        assert isinstance(field, forms.ModelChoiceField)
        people = StaffMember.objects.visible_to(by).filter(is_active=True).exclude(pk=by.pk)
        field.queryset = people.order_by("given_name", "family_name")


class LiftForm(forms.Form):
    """How it ended."""

    reason = forms.CharField(
        label="How it ended",
        max_length=300,
        help_text="Who asked for it, and how the client learned of it (42 CFR 2.26(b)).",
    )
