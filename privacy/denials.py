"""The letter to a client who was denied a copy of their own record (45 CFR 164.524(d)(2)).

In plain language: on what ground, whether and how somebody else looks at the decision again, and how to complain to the
clinic and to the Secretary. What isn't denied they still get ((d)(1)). It is for the client alone; the envelope says
nothing of what the clinic does.
"""

from __future__ import annotations

from dataclasses import dataclass

from privacy.models import AskedAbout, RequestStep

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
    "You may also complain to the Secretary of Health and Human Services: Office for Civil Rights, 200 Independence "
    "Avenue SW, Washington, DC 20201, www.hhs.gov/ocr/complaints, 1-800-368-1019. We may not hold a complaint against "
    "you, and don’t."
)


@dataclass(frozen=True)
class Letter:
    """What the client is told, a paragraph each."""

    step: RequestStep
    basis: str
    reason: str
    rest: str
    review: str
    complaints: tuple[str, ...]


def letter(request: AskedAbout) -> Letter | None:
    """The letter of a request that was closed as denied to the client; None for any other."""
    closed = request.steps.filter(outcome=RequestStep.Outcome.REFUSED).select_related("by").first()
    if closed is None:
        return None
    ground = Ground(closed.ground)
    return Letter(
        step=closed,
        basis=BASIS[ground],
        reason=closed.reason,
        rest="" if ground == Ground.NOT_HELD else REST,
        review=REVIEW if ground in REVIEWABLE else NO_REVIEW,
        complaints=(COMPLAIN_HERE, COMPLAIN_THERE),
    )
