"""The letter to a client who was denied a copy of their own record (45 CFR 164.524(d)(2)).

In plain language: on what ground, whether and how somebody else looks at the decision again, and how to complain to the
clinic and to the Secretary. What isn't denied they still get ((d)(1)). It is for the client alone; the envelope says
nothing of what the clinic does.
"""

from __future__ import annotations

from django.utils import timezone
from django.utils.dateformat import format as worded

from privacy.models import AskedAbout, RequestStep
from staff.paper.sheet import Block, Sheet
from staff.phones import spoken

Ground = RequestStep.Ground

# Each ground in words for the client.
BASIS = {
    Ground.HELD_APART: (
        "You asked for notes of counseling sessions that are kept apart from your record. The law lets us keep these "
        "to the counselor who wrote them."
    ),
    Ground.FOR_COURT: "What you asked for was put together for a court case or another legal proceeding.",
    Ground.RESEARCH: (
        "What you asked for is part of a research study that is still going on. When you joined it, you agreed to wait "
        "until it ends. You may have it then."
    ),
    Ground.IN_CONFIDENCE: (
        "Someone told us this on the promise that we keep it to ourselves, and you could learn from it who they are."
    ),
    Ground.ENDANGERS: (
        "A licensed health care professional finds it likely that what you asked for would endanger the life or "
        "physical safety of you or someone else."
    ),
    Ground.OF_ANOTHER: (
        "What you asked for speaks of someone else, and a licensed health care professional finds it likely that they "
        "would come to substantial harm."
    ),
    Ground.REPRESENTATIVE: (
        "A licensed health care professional finds it likely that giving this to whoever speaks for the client would "
        "do substantial harm to the client or someone else."
    ),
    Ground.NOT_HELD: "We don’t have what you asked for.",
}
REVIEWABLE = {Ground.ENDANGERS, Ground.OF_ANOTHER, Ground.REPRESENTATIVE}  # 45 CFR 164.524(a)(3), (4)

REVIEW = (
    "You may have this decision reviewed. Tell our privacy officer, by phone or in writing. A licensed health care "
    "professional who took no part in the decision then looks at it within a reasonable time. We tell you in writing "
    "what they decide, and do as they say."
)
NO_REVIEW = "The law gives no review of a decision on this ground."
REST = "You may have everything else that you asked for."
COMPLAIN_HERE = "If you think that we are wrong, you may complain to our privacy officer, by phone or in writing."
COMPLAIN_THERE = (
    "You may also complain to the Secretary of Health and Human Services, within 180 days: Office for Civil Rights, "
    "200 Independence Avenue SW, Washington, DC 20201, www.hhs.gov/ocr/complaints, 1-800-368-1019 (TDD "
    "1-800-537-7697). We may not hold a complaint against you, and don’t."
)  # 45 CFR 160.306(b)(3), 160.316
WHO_ANSWERS = "Privacy officer"  # 45 CFR 164.530(a)(1)(ii): a title is enough


def letter(request: AskedAbout) -> Sheet | None:
    """The letter of a request that was closed as denied to the client, of that day; None for any other."""
    closed = request.steps.filter(outcome=RequestStep.Outcome.REFUSED).first()
    if closed is None:
        return None
    clinic, ground = request.clinic, Ground(closed.ground)
    on = worded(timezone.localtime(closed.at, clinic.zone), "F j, Y")
    reach = f"{clinic.neutral_name}, {spoken(clinic.phone)}"
    rest = "" if ground == Ground.NOT_HELD else REST
    blocks = (
        Block("", text=_paragraphs(on, "\n".join(filter(None, (request.asked_by, request.address))))),
        Block("", text=_opening(request, ground)),
        Block("Why", text=_paragraphs(BASIS[ground], closed.reason, rest)),
        Block("Review of this decision", text=REVIEW if ground in REVIEWABLE else NO_REVIEW),
        Block("If you want to complain", text=_paragraphs(COMPLAIN_HERE, COMPLAIN_THERE)),
        Block("How to reach us", text=f"{WHO_ANSWERS}, {reach}"),
    )
    return Sheet(
        title="Your request",
        file_name=f"letter-{request.pk}",
        whose="",
        lede=clinic.neutral_name,
        facts=(),
        blocks=tuple(each for each in blocks if each.text),
        to_sign=(WHO_ANSWERS,),
        foot=(reach,),
    )


def _opening(request: AskedAbout, ground: Ground) -> str:
    """That they asked for it and don't get it; the record is not named as somebody's."""
    is_own = request.relation == AskedAbout.Relation.SELF
    what = "your record" if is_own else "the record of the person for whom you act"
    asked = f"On {worded(request.received_on, 'F j, Y')} you" if request.received_on else "You"
    given = "We can’t give it to you." if ground == Ground.NOT_HELD else "We can’t give you all of it."
    greeting = f"Dear {request.asked_by}:" if request.asked_by else ""
    return _paragraphs(greeting, f"{asked} asked for a copy of {what}. {given}")


def _paragraphs(*paragraphs: str) -> str:
    return "\n\n".join(filter(None, paragraphs))
