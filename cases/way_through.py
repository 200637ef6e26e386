"""The way from a call to an admission, as six steps, each with the page where it is done."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict
from django.urls import NoReverseMatch, reverse

from cases.models import Inquiry, LevelOfCareAssessment, Relapse, TreatmentEpisode
from staff.access import Permission, can
from staff.models import StaffMember


@dataclass(frozen=True)
class Step:
    """One step: done, current or to come. `url` is empty where the reader cannot do it, or it is not its turn."""

    label: str
    done: bool
    current: bool = False
    url: str = ""
    button: str = ""
    waits_for: str = ""  # who does it, where the reader does not


def link_to(name: str, *args: object, **query: object) -> str:
    """The address of a page, or "" where this installation has none of that name."""
    try:
        url = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    asked = QueryDict(mutable=True)
    asked.update({key: str(value) for key, value in query.items() if value})
    return f"{url}?{asked.urlencode()}" if asked else url


def steps(inquiry: Inquiry, *, staff_member: StaffMember) -> list[Step]:
    """The six steps of an inquiry. The first that is not done is the current one, with its button."""
    relapse, assessment = what_followed(inquiry, staff_member=staff_member)
    client_id = inquiry.client_id
    about = {"inquiry": inquiry.pk}
    decided = assessment is not None and assessment.decided_at is not None
    admitted = inquiry.stage == Inquiry.Stage.ADMITTED
    clinician = f"{inquiry.assigned_to}" if inquiry.assigned_to else "a counselor"
    came_back = client_id is not None and TreatmentEpisode.objects.filter(client=client_id).exists()

    plan = [
        ("Inquiry", True, "", "", None, ""),
        (
            "Person",
            client_id is not None,
            link_to("cases:inquiry", inquiry.pk) + "#person",
            "Say who the person is",
            Permission.INQUIRY_TAKE,
            "",
        ),
        (
            "Return to use",
            relapse is not None or assessment is not None or (client_id is not None and not came_back) or admitted,
            link_to("cases:relapse_new", client_id, **about) if client_id else "",
            "Record the return to use",
            Permission.RELAPSE_RECORD,
            clinician,
        ),
        (
            "Assessment",
            assessment is not None or admitted,
            link_to("cases:assessment_new", client_id, **about, relapse=relapse.pk if relapse else "")
            if client_id
            else "",
            "Assess placement",
            Permission.ASSESSMENT_RECORD,
            clinician,
        ),
        (
            "Decision",
            decided or admitted,
            link_to("cases:assessment", client_id, assessment.pk) if client_id and assessment else "",
            "Decide on a level of care",
            Permission.LEVEL_OF_CARE_DECIDE,
            clinician,
        ),
        (
            "Admission",
            admitted,
            link_to("cases:admit", client_id, **about) if client_id else "",
            "Admit",
            Permission.EPISODE_ADMIT,
            clinician,
        ),
    ]
    result: list[Step] = []
    found = inquiry.stage in Inquiry.CLOSED_STAGES
    for label, done, url, button, permission, waits_for in plan:
        current = not done and not found
        found = found or current
        may = permission is None or can(staff_member, permission)
        shown = url if current and may else ""
        result.append(Step(label, done, current, shown, button, "" if may else waits_for))
    return result


def next_step(inquiry: Inquiry, *, staff_member: StaffMember) -> Step | None:
    """The step to take now, or None where the way has ended."""
    return next((step for step in steps(inquiry, staff_member=staff_member) if step.current), None)


def what_followed(
    inquiry: Inquiry, *, staff_member: StaffMember
) -> tuple[Relapse | None, LevelOfCareAssessment | None]:
    """The return to use and the assessment recorded since the call, as far as the reader may see them."""
    if inquiry.client_id is None:
        return None, None
    assessments = LevelOfCareAssessment.objects.visible_to(staff_member).filter(inquiry=inquiry)
    assessment = assessments.select_related("relapse").order_by("-assessed_at", "-pk").first()
    if assessment is not None and assessment.relapse is not None:
        return assessment.relapse, assessment
    relapses = Relapse.objects.visible_to(staff_member).filter(
        client=inquiry.client_id, recorded_at__gte=inquiry.taken_at
    )
    return relapses.order_by("-recorded_at").first(), assessment
