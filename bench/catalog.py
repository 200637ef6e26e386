"""The pages that are measured, what each is compared with, and what each may cost."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from bench.finding import misspelt
from cases.models import Client, TreatmentEpisode
from counseling.models import SessionNote, TreatmentPlan
from staff.models import Role, StaffMember


@dataclass(frozen=True)
class Goals:
    """The most that a page may cost, as ratios to what was measured beside it in the same run."""

    queries: int | None = 12
    plain: float | None = None
    admin: float | None = None
    growth: float | None = None
    kilobytes: int | None = None
    sql: float | None = None  # time in the database, to that of the plain view


@dataclass(frozen=True)
class Page:
    """One line of the table."""

    name: str
    role: str
    url: str
    goals: Goals
    plain: str = ""
    admin: str = ""
    is_save: bool = False
    shorter: str = ""  # the same page of a shorter chart, to which growth is measured instead of to a tenth


@dataclass(frozen=True)
class Subjects:
    """Whose pages are opened in one database."""

    people: dict[str, StaffMember]
    client: Client
    long: Client  # the chart with 700 notes
    wanted: Client  # who is looked for
    episode: TreatmentEpisode
    draft: SessionNote
    other_draft: SessionNote  # which the plain view saves
    note: SessionNote
    plan: TreatmentPlan


def subjects() -> Subjects:
    """Of the database that Django's connection leads to."""
    people = {
        role: StaffMember.objects.get(email=f"{role}0@bench.example")
        for role in (Role.COUNSELOR, Role.SUPERVISOR, Role.INTAKE_COORDINATOR, Role.ADMINISTRATOR)
    }
    counselor = people[Role.COUNSELOR]
    mine = Client.objects.visible_to(counselor).order_by("pk")
    client, long = mine[:2]
    notes = SessionNote.objects.filter(client=client, author=counselor)
    episode = TreatmentEpisode.objects.get(client=client, discharged_on=None)
    drafts = SessionNote.objects.drafts().order_by("pk")
    return Subjects(
        people={str(role): each for role, each in people.items()},
        client=client,
        long=long,
        wanted=Client.objects.order_by("-pk")[3],
        episode=episode,
        draft=drafts.get(client=client),
        other_draft=drafts.exclude(client=client)[0],
        note=notes.signed().order_by("-pk")[0],
        plan=TreatmentPlan.objects.get(episode=episode),
    )


def pages(of: Subjects) -> list[Page]:
    """Each page of the table in issue 10's order."""
    client, long, note, episode = of.client.pk, of.long.pk, of.note.pk, of.episode.pk
    asked = urlencode({"q": misspelt(of.wanted.family_name)})
    counselor, supervisor, intake = "counselor", "supervisor", "intake"
    small = Goals(growth=1.2)

    def listed(model: str) -> str:
        return reverse(f"admin:{model}_changelist", current_app="stock")

    def changed(model: str, pk: int) -> str:
        return reverse(f"admin:{model}_change", args=[pk], current_app="stock")

    def plain(name: str, *keys: int) -> str:
        return reverse(f"bench:{name}", args=keys)

    return [
        Page(
            "Chart", counselor, reverse("desk:chart", args=[client]), Goals(plain=3, admin=0.5),
            plain("chart", client), changed("cases_client", client),
        ),
        *(
            Page(
                f"Today, {role}", role, reverse("desk:today"), Goals(admin=0.8, growth=1.3),
                plain("today"), listed("cases_client"),
            )
            for role in (counselor, supervisor, intake)
        ),
        Page(
            "List of clients", supervisor, reverse("cases:clients"), Goals(plain=1.5, admin=0.4),
            plain("clients"), listed("cases_client"),
        ),
        Page(
            "Search, misspelled name", intake, f"{reverse('cases:clients')}?{asked}",
            Goals(sql=2, growth=1.3, admin=0.3),
            f"{plain('search')}?{asked}", f"{listed('cases_client')}?{asked}",
        ),
        Page(
            "Note editor", counselor, reverse("counseling:note_edit", args=[client, of.draft.pk]), Goals(14),
            plain("editor", of.draft.pk), changed("counseling_sessionnote", of.draft.pk),
        ),
        Page(
            "Autosave", counselor, reverse("counseling:note_edit", args=[client, of.draft.pk]), Goals(8, plain=2),
            plain("editor", of.other_draft.pk), is_save=True,
        ),
        Page(
            "Carry-over board", counselor, reverse("counseling:carry_over", args=[client, episode]), Goals(),
            plain("board", episode), changed("cases_treatmentepisode", episode),
        ),
        Page(
            "Plan", counselor, reverse("counseling:plan", args=[client]), Goals(),
            plain("plan", episode), changed("counseling_treatmentplan", of.plan.pk),
        ),
        Page(
            "Note page", counselor, reverse("counseling:note_edit", args=[client, note]), Goals(),
            plain("note", note), changed("counseling_sessionnote", note),
        ),
        Page(
            "Group page", counselor, reverse("groups:group", args=[1]), Goals(),
            plain("group", 1), changed("groups_group", 1),
        ),
        Page(
            "Worklist, supervisor", supervisor, reverse("counseling:worklist"), Goals(growth=1.3),
            plain("worklist"), listed("counseling_sessionnote"),
        ),
        Page(
            "Inquiries board", intake, reverse("cases:inquiries"), Goals(growth=1.5, kilobytes=150),
            plain("inquiries"), listed("cases_inquiry"),
        ),
        *(
            Page(
                f"{name}, {length} notes", counselor, reverse(view, args=[pk]), small,
                plain(beside, pk), changed("cases_client", pk) if beside == "timeline" else listed(model),
                shorter=f"{name}, 37 notes" if length == "700" else "",
            )
            for length, pk in (("37", client), ("700", long))
            for name, view, beside, model in (
                ("Timeline", "desk:timeline", "timeline", ""),
                ("Notes list", "counseling:notes", "notes", "counseling_sessionnote"),
                ("Pattern", "cases:patterns", "patterns", "cases_relapse"),
                ("Measures", "counseling:measures", "measures", "counseling_measure"),
                ("Returns", "cases:relapses", "returns", "cases_relapse"),
            )
        ),
    ]  # fmt: skip
