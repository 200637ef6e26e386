"""Forms of privacy/: they check what was typed; the functions enforce the rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from cases.forms.fields import of_somebody_else
from cases.models import Client, ContactPoint
from cases.people import births
from cases.possible_days import ask_about
from privacy import consents, emergency, giving, minors, tpo
from privacy.models import (
    AccessReport,
    AskedAbout,
    Channel,
    Consent,
    Disclosure,
    DisclosureReview,
    EmergencyAccess,
    KnownRecipient,
    LegalHold,
    RecordGiven,
    RequestStep,
    ServiceAgreement,
    UnusualAccessReview,
)
from staff import outside, phones
from staff.confirming import SignatureForm
from staff.days import day_in_words
from staff.models import StaffMember
from staff.typed_fields import KeyField, LongTermDayField, PastDayField, PastMomentField, PlannedDayField, YearField


class ConsentForm(forms.ModelForm):
    """The elements of a consent form (42 CFR 2.31), as on paper. All may be blank in a draft."""

    contact = forms.ChoiceField(
        label="Number or address", required=False, help_text="From the client’s contacts. Each needs its own consent."
    )

    class Meta:
        model = Consent
        fields = (
            "discloser",
            "recipients",
            "description",
            "purpose",
            "expires_on",
            "expiry_event",
            "never_expires",
            "right_to_revoke_stated",
            "redisclosure_stated",
            "refusal_stated",
            "signed_by_name",
            "signed_as",
            "signed_on",
        )
        field_classes = {"expires_on": LongTermDayField, "signed_on": PastDayField}
        widgets = {
            "description": forms.Textarea(attrs={"rows": 3}),
            "recipients": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "discloser": "This clinic, or the program that holds the records.",
            "description": "Be specific, e.g. “dates of attendance,” not “all records.”",
            "expiry_event": "E.g. “when probation ends.” Enter a date or an event.",
        }

    def __init__(self, *args: Any, client: Client, type: str, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {})
        kwargs["initial"] = {"discloser": client.clinic.name, **kwargs["initial"]}
        super().__init__(*args, **kwargs)
        ask_about(self, client)
        self.fields["signed_on"].today = consents.signing_day(client)  # type: ignore[attr-defined]
        self.type, self.client = type, client
        if type == Consent.Type.REMINDER_CONTACT:
            del self.fields["recipients"]
            self.fields["contact"].choices = [("", "Choose…"), *_contacts(client)]  # type: ignore[attr-defined]
            self.fields[
                "description"
            ].initial = "That there is an appointment, its date and time, and a number to call. Nothing about care."
            self.fields["purpose"].initial = "Reminders"
            if self.instance.pk and self.instance.contact_value:
                self.fields["contact"].initial = f"{self.instance.contact_channel}:{self.instance.contact_value}"
        else:
            del self.fields["contact"]
        if type != Consent.Type.TPO:
            for name in ("never_expires", "redisclosure_stated"):
                del self.fields[name]
        else:
            self.fields["recipients"].initial = tpo.IN_GENERAL
            self.fields["recipients"].help_text = (
                f"One per line. “{tpo.IN_GENERAL}” covers all of these. A form that lists names covers only those "
                "names. A relative, an employer, or a court needs a separate consent."
            )
        if type == Consent.Type.SUD_NOTES:
            self.fields["refusal_stated"].label = "The form says that care doesn’t depend on signing"
            self.fields["description"].help_text = "Which notes: session dates, author, and subject."
        elif type != Consent.Type.TPO:
            del self.fields["refusal_stated"]

    def clean(self) -> dict[str, Any]:
        """Report beside the field an impossible signature date, signer or recipient."""
        cleaned = super().clean() or {}
        signed_on, expires_on = cleaned.get("signed_on"), cleaned.get("expires_on")
        try:
            consents.check_signature_days(self.client, signed_on=signed_on, expires_on=expires_on)
        except consents.NotSignedThen as refusal:
            self.add_error(refusal.field, refusal.sentence)
        if "activate" in self.data and signed_on is not None:
            try:
                minors.check_signed_as(self.client, cleaned.get("signed_as", ""), signed_on)
            except minors.SignedByAnother as refusal:
                self.add_error("signed_as", refusal.sentence)
        if "activate" in self.data and self.type == Consent.Type.TPO:
            try:
                tpo.check_named(self.client, cleaned.get("recipients", "").splitlines())
            except tpo.NotWithinTpo as refusal:
                self.add_error(refusal.field, refusal.sentence)
        return cleaned

    @property
    def elements(self) -> dict[str, Any]:
        """The typed values, as consents.draft takes them."""
        elements = dict(self.cleaned_data)
        channel, _, value = elements.pop("contact", "").partition(":")
        return elements | {"contact_channel": channel, "contact_value": value}


def _contacts(client: Client) -> list[tuple[str, str]]:
    choices = []
    for point in ContactPoint.objects.filter(client=client).current():
        channels = [Channel.EMAIL] if point.kind == ContactPoint.Kind.EMAIL else [Channel.SMS, Channel.VOICE]
        owner = f" ({point.label})" if point.label else ""
        choices += [
            (f"{each}:{point.normalized}", f"{each.label}: {phones.spoken(point.value)}{owner}") for each in channels
        ]
    return choices


class RevocationForm(forms.Form):
    """How the client revoked it, and which other consents for the same end with it: by default, all."""

    reason = forms.CharField(
        label="How the client revoked it",
        max_length=300,
        required=False,
        help_text="In person, by phone, or in writing. It takes effect now.",
    )
    also: Any = forms.MultipleChoiceField(
        label="Also revoke these consents for the same disclosure",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Clear a box only if the client wants to keep that consent.",
    )
    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, others: list[Consent], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not others:
            del self.fields["also"], self.fields["shown"]
            return
        ids = [str(each.pk) for each in others]
        self.fields["also"].choices = [(str(each.pk), _of(each)) for each in others]  # type: ignore[attr-defined]
        self.fields["also"].initial, self.fields["shown"].initial = ids, " ".join(ids)

    @property
    def keep(self) -> set[int]:
        """Consents shown and cleared. One added since was not shown to anyone and ends with the rest."""
        shown = {key for each in self.cleaned_data.get("shown", "").split() for key in outside.keys(each)}
        return shown - {key for each in self._ticked() for key in outside.keys(each)}

    def _ticked(self) -> list[str]:
        """As sent: a box counts as checked even if the page is old and the field no longer knows the consent."""
        return list(self["also"].data or []) if "also" in self.fields else []


def _of(consent: Consent) -> str:
    whom = phones.spoken(consent.contact_value) or ", ".join(consent.recipient_list) or consent.purpose
    how = f" ({consent.get_contact_channel_display()})" if consent.contact_channel else ""
    signed = f", signed {day_in_words(consent.signed_on)}" if consent.signed_on else ""
    return f"{whom}{how}{signed}"


class DisclosureForm(forms.ModelForm):
    """One disclosure, as the accounting of disclosures needs it."""

    recipient_as = forms.ChoiceField(
        label="Recipient’s role",
        choices=[("", "None of these"), *Disclosure.RecipientAs.choices],
        required=False,
        help_text=(
            "Required under a consent for treatment, payment, and operations, for a recipient on the clinic’s list. "
            "Anyone else needs a consent that names them."
        ),
    )

    class Meta:
        model = Disclosure
        fields = (
            "basis",
            "consent",
            "agreement",
            "recipient",
            "affiliation",
            "address",
            "no_consent",
            "authority",
            "what",
            "why",
            "disclosed_at",
        )
        field_classes = {"disclosed_at": PastMomentField}
        widgets = {
            "what": forms.Textarea(attrs={"rows": 3}),
        }
        labels = {"disclosed_at": "When", "consent": "Consent", "agreement": "Service agreement"}
        help_texts = {
            "recipient": "Person or organization, as named in the consent.",
            "what": "Kind and amount, e.g. “dates of attendance, January to March.” Don’t paste records.",
            "affiliation": "Hospital or service. Required for a medical emergency.",
            "agreement": "Required for a qualified service organization.",
            "no_consent": "Required for a medical emergency.",
            "authority": "Required for a court order. A subpoena alone isn’t enough.",
        }

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_about(self, client)
        today = timezone.localdate(timezone=client.clinic.zone)
        signed = Consent.objects.filter(client=client).exclude(type=Consent.Type.REMINDER_CONTACT).in_force(today)
        self.fields["consent"].queryset = signed  # type: ignore[attr-defined]
        self.fields["consent"].label_from_instance = lambda each: (  # type: ignore[attr-defined]
            f"{each.get_type_display()}: {', '.join(each.recipient_list)} (until {each.expiry_words})"
        )
        current = ServiceAgreement.objects.filter(clinic=client.clinic_id).current_on(today)
        self.fields["agreement"].queryset = current  # type: ignore[attr-defined]
        self.fields["agreement"].label_from_instance = lambda each: f"{each.name}: {each.services}"  # type: ignore[attr-defined]
        self.fields["disclosed_at"].initial = timezone.localtime().replace(second=0, microsecond=0)


class ServiceAgreementForm(forms.ModelForm):
    """An agreement with a qualified service organization."""

    class Meta:
        model = ServiceAgreement
        fields = ("name", "services", "agreed_on", "ends_on", "is_bound", "resists")
        field_classes = {"agreed_on": PastDayField, "ends_on": LongTermDayField}


class RecipientForm(forms.ModelForm):
    """A recipient for the clinic's list."""

    class Meta:
        model = KnownRecipient
        fields = ("name", "kind", "known_by")
        labels = {"name": "Person or organization"}


class EmergencyForm(SignatureForm):
    """Whose chart, exactly, and why, with the password or a passkey each time.

    The form does not reveal whether the person is known: nobody is looked up before all of it is right.
    """

    not_done = "No chart was opened."

    given_name = forms.CharField(
        label="First name", max_length=60, required=False, help_text="Leave blank if the person has only one name."
    )
    family_name = forms.CharField(label="Last name", max_length=60)
    birth_date = PastDayField(
        label="Birth date", required=False, help_text="Leave blank only if no birth date is on file."
    )
    birth_year = YearField(label=births.YEAR_LABEL, required=False, help_text="If only the birth year is on file.")
    reason = forms.CharField(
        label="Describe the emergency",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What happened, and what you need. The privacy officer reviews this within one business day.",
    )
    field_order = ("given_name", "family_name", *births.FIELDS, "reason", "password", "credential")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        of_somebody_else(self.fields, "given_name", "family_name", *births.FIELDS)
        self.fields["password"].help_text = "Asked each time you use this form."

    def clean_reason(self) -> str:
        """A reason that says something, before anyone is looked up."""
        reason: str = self.cleaned_data["reason"]
        try:
            emergency.check_reason(reason)
        except emergency.EmergencyReasonNeeded as refusal:
            raise forms.ValidationError(refusal.sentence) from refusal
        return reason

    def clean(self) -> dict[str, Any]:
        """A year beside the birth date must match it; then the password is asked."""
        births.clean(self, self.cleaned_data)
        return super().clean()


class AskedOnChartForm(forms.Form):
    """Who is asking about the client whose chart is open, and how."""

    asked_by = forms.CharField(
        label="Who is asking", max_length=120, help_text="Their name, as it would appear on a consent.", required=False
    )
    relation = forms.ChoiceField(
        label="Relationship, as they state it", choices=AskedAbout.Relation.choices, initial=AskedAbout.Relation.PARENT
    )
    way = forms.ChoiceField(label="How they asked", choices=AskedAbout.Way.choices)
    kind = forms.ChoiceField(
        label="What they want",
        choices=AskedAbout.Kind.choices,
        required=False,
        help_text="Anything but the first goes to the privacy officer, who answers in writing.",
    )
    received_on = PastDayField(
        label="Received", required=False, help_text="For letters and papers, if it was before today."
    )
    answer_by = PlannedDayField(
        label="Date it names", required=False, help_text="For a subpoena or order: the date by which to answer."
    )

    def clean_kind(self) -> str:
        """A question, unless they want more."""
        return self.cleaned_data["kind"] or AskedAbout.Kind.QUESTION


class AskedForm(AskedOnChartForm):
    """The same for the person who answers the phone: nothing is looked up."""

    about = forms.CharField(label="About", max_length=120, help_text="The name they gave. It isn’t looked up.")
    address = forms.CharField(
        label="Reply address",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Only for a reply by mail.",
    )

    field_order = ("about", "asked_by", "relation", "way", "kind", "received_on", "answer_by", "address")


class TakeForm(forms.Form):
    """Who answers it: somebody who works the queue."""

    owner = forms.ModelChoiceField(label="Who answers it", queryset=StaffMember.objects.none())

    def __init__(self, *args: Any, workers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = workers  # type: ignore[attr-defined]


class IdentifyForm(forms.Form):
    """Which client a request is about. By number: the page looks nobody up by the name they gave."""

    number = KeyField(label="Client no.", help_text="From the chart, after you checked who they are.")


class ExtendForm(forms.Form):
    """More time, with the reason that the client is told in writing."""

    prefix = "extend"

    until = PlannedDayField(label="New date", help_text="Up to 30 days after the first one.")
    reason = forms.CharField(
        label="Reason, as the client is told", max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class StepNoteForm(forms.Form):
    """What was done about it."""

    prefix = "note"

    reason = forms.CharField(label="What was done", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class CloseForm(forms.Form):
    """What came of it and why."""

    prefix = "close"

    outcome = forms.ChoiceField(label="Outcome", choices=RequestStep.Outcome.choices)
    disclosure = forms.ModelChoiceField(
        label="Disclosure",
        queryset=Disclosure.objects.none(),
        required=False,
        help_text="Only if something was disclosed: the one you recorded for this request.",
    )
    reason = forms.CharField(label="Why", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, disclosures: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_disclosure(self.fields["disclosure"], disclosures)


class TimeForm(forms.Form):
    """The first and last day of an accounting."""

    since = PastDayField(label="From")
    until = PastDayField(label="To")


class GivenForm(forms.Form):
    """To whom something of a client's is given, in which form, and which request it answers."""

    asked = forms.ModelChoiceField(
        label="Request it answers",
        queryset=AskedAbout.objects.none(),
        required=False,
        empty_label="None",
        help_text="A waiting request for this, on which this client was identified.",
    )
    form = forms.ChoiceField(label="As", choices=())
    to = forms.ChoiceField(label="Given to", choices=RecordGiven.To.choices, initial=RecordGiven.To.CLIENT)
    name = forms.CharField(
        label="Name", max_length=200, required=False, help_text="Of someone who acts for the client by law."
    )
    acts_by = forms.CharField(
        label="By what right", max_length=200, required=False, help_text="E.g. “court-appointed guardian, Nov 2026.”"
    )
    disclosure = forms.ModelChoiceField(
        label="Disclosure",
        queryset=Disclosure.objects.none(),
        required=False,
        empty_label="None",
        help_text="For anyone else: the disclosure recorded for this, with its consent.",
    )
    forms_given: tuple[RecordGiven.Form, ...] = (RecordGiven.Form.PDF, RecordGiven.Form.PAPER)

    def __init__(self, *args: Any, requests: Any, disclosures: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked: Any = self.fields["asked"]
        asked.queryset = requests
        asked.label_from_instance = lambda each: f"No. {each.pk}, due {day_in_words(each.due_on)}"
        choose_disclosure(self.fields["disclosure"], disclosures)
        self.fields["form"].choices = [(each.value, each.label) for each in self.forms_given]  # type: ignore[attr-defined]

    @property
    def recipient(self) -> giving.Recipient:
        """To whom, as `giving` takes it."""
        facts = self.cleaned_data
        return giving.Recipient(facts["to"], facts["name"], facts["acts_by"], facts["disclosure"])


class CopyForm(GivenForm):
    """The same for a copy of the record."""

    forms_given = (RecordGiven.Form.PDF, RecordGiven.Form.DATA)


class AccountingForm(GivenForm):
    """The same with the time of an accounting."""

    since = PastDayField(label="From")
    until = PastDayField(label="To")


def choose_disclosure(field: Any, disclosures: Any) -> None:
    """Let a field choose among these disclosures, by day and recipient."""
    field.queryset = disclosures
    field.label_from_instance = lambda each: (
        f"{day_in_words(timezone.localdate(each.disclosed_at))}, to {each.recipient}"
    )


class LookUpReviewForm(forms.Form):
    """What the privacy officer found about the look-ups that are shown."""

    shown = forms.CharField(widget=forms.HiddenInput)
    note = forms.CharField(max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    @property
    def numbers(self) -> list[int]:
        """Which look-ups were on the page."""
        return [key for each in self.cleaned_data["shown"].split()[:200] for key in outside.keys(each)]


class AccessReportForm(forms.Form):
    """Which time the report covers, who asked for it, and whether it names people."""

    since = PastDayField(label="From")
    until = PastDayField(label="To")
    asked_by = forms.ChoiceField(label="Asked for by", choices=AccessReport.AskedBy.choices)
    with_names = forms.BooleanField(
        label="With the names of staff", required=False, initial=True, help_text="Without, it gives their roles."
    )


class AcknowledgmentForm(forms.Form):
    """What was done about the findings of a log check."""

    note = forms.CharField(
        label="What you did", max_length=500, widget=forms.Textarea(attrs={"rows": 2}), help_text="Whom you told, when."
    )


class UnusualReviewForm(forms.Form):
    """What the privacy officer found out about an unusual access."""

    finding = forms.ChoiceField(choices=UnusualAccessReview.Finding.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        max_length=500, widget=forms.Textarea(attrs={"rows": 2}), help_text="Whom you asked, and what they said."
    )


class ReviewForm(forms.Form):
    """The privacy officer's findings."""

    finding = forms.ChoiceField(choices=EmergencyAccess.Finding.choices, widget=forms.RadioSelect)
    note = forms.CharField(max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class MedicalEmergencyForm(forms.Form):
    """What 42 CFR 2.51(c) asks to write down at once: short, since it is filled in while an ambulance waits."""

    told = forms.CharField(
        label="Name of the medical personnel", max_length=200, help_text="Who you told, e.g. “EMT Jordan Example.”"
    )
    affiliation = forms.CharField(label="Hospital or service", max_length=200, help_text="E.g. “County EMS, unit 12.”")
    nature = forms.CharField(
        label="Nature of the emergency", max_length=300, help_text="E.g. “Found unresponsive, likely overdose.”"
    )
    what = forms.CharField(
        label="What you told them",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Only what the emergency needed, e.g. “methadone dose, last use, allergies.”",
    )
    no_consent = forms.ChoiceField(
        label="Why no written consent", choices=Disclosure.NoConsent.choices, widget=forms.RadioSelect
    )
    disclosed_by: Any = forms.ModelChoiceField(label="Who told them", queryset=StaffMember.objects.none())
    disclosed_at = PastMomentField(label="When")

    def __init__(self, *args: Any, client: Client, by: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_about(self, client)
        self.fields["disclosed_by"].queryset = StaffMember.objects.visible_to(by).filter(  # type: ignore[attr-defined]
            is_active=True
        )
        self.fields["disclosed_by"].initial = by.pk
        self.fields["disclosed_at"].initial = timezone.localtime().replace(second=0, microsecond=0)


class DisclosureReviewForm(forms.Form):
    """What the privacy officer found about a disclosure in a medical emergency."""

    finding = forms.ChoiceField(choices=DisclosureReview.Finding.choices, widget=forms.RadioSelect)
    note = forms.CharField(max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class LegalHoldForm(forms.ModelForm):
    """Why a record must stay as it is, and since when."""

    class Meta:
        model = LegalHold
        fields = ("reason", "from_on")
        field_classes = {"from_on": PastDayField}
        widgets = {"reason": forms.Textarea(attrs={"rows": 2})}
        help_texts = {"reason": "The matter and who asked, e.g. “Sample v. Clinic, letter of counsel.”"}


class LiftHoldForm(forms.Form):
    """Why it need no longer be kept."""

    reason = forms.CharField(label="Why the hold is lifted", max_length=500)
