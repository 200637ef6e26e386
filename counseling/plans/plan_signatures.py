"""Signing a plan: the client draws or types a name, the counselor signs too; a changed plan needs new signatures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from counseling.codes import PlanSigner
from counseling.models import Goal, PlanSignature, TreatmentPlan
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.paper.drawn_signature import Strokes
from staff.refusals import Refusal

from . import plan_text, treatment_plans
from .plan_progress import NotTheLatestVersion
from .plan_text import Contents


class NothingToSign(Refusal):
    sentence = "This plan has no goals yet. Add one, then sign."


class PlanChangedSinceRead(Refusal):
    """The plan changed after the signer opened the page."""

    sentence = "The plan changed after you opened this page. Read it together again, then sign."


class NoName(Refusal):
    sentence = "Draw a signature or type a name."


@dataclass(frozen=True)
class SignatureStatus:
    """One signer's latest signature on a version, and whether the plan is unchanged since."""

    signer: PlanSigner
    signature: PlanSignature | None
    stands: bool

    @property
    def changed_since(self) -> bool:
        """Signed, but the plan has changed since."""
        return self.signature is not None and not self.stands


def sign(
    *,
    plan: TreatmentPlan,
    signer: str,
    by: StaffMember,
    typed_name: str = "",
    strokes: Strokes | None = None,
    read: str | None = None,
    signed_with: str = "",
) -> PlanSignature:
    """Sign the latest version of a plan. `by` is the counselor who signs, or who is there when the client does.

    `read` is the hash of what the signer was shown; if the plan has changed since, nothing is signed. The counselor's
    name comes from their account. Signing an unchanged plan twice is one signature. Raises NotPermitted,
    PlanEpisodeEnded, NotTheLatestVersion, NothingToSign, PlanChangedSinceRead, NoName.
    """
    demand(by, Permission.PLAN_WRITE, plan.client)
    who = PlanSigner(signer)
    with act("counseling.sign_plan", by=by, client=plan.client) as entry:
        episode = treatment_plans.open_episode(plan.episode)
        stored = treatment_plans.current(episode)
        if stored is None or stored.pk != plan.pk:
            raise NotTheLatestVersion
        said = plan_text.contents(stored)
        if not said.aims:
            raise NothingToSign
        now_hash = plan_text.hash_of(said)
        if read is not None and read != now_hash:
            raise PlanChangedSinceRead
        if who == PlanSigner.COUNSELOR:
            typed_name, strokes = by.signature_name, None
        if not typed_name.strip() and not strokes:
            raise NoName
        signature, _ = PlanSignature.objects.get_or_create(
            plan=stored,
            signer=who,
            hash=now_hash,
            defaults={
                "typed_name": typed_name.strip()[:160],
                "strokes": strokes or None,
                "signed_at": timezone.now(),
                "by": by,
                "text_version": plan_text.TEXT_VERSION,
                "signed_with": signed_with,
            },
        )
        entry.about(signature, signer=str(who), hash=now_hash)
    return signature


def standing(said: Contents, signatures: Iterable[PlanSignature]) -> list[SignatureStatus]:
    """Client and counselor, each with their latest signature under this version; no query."""
    now_hash = plan_text.hash_of(said)
    rows = sorted(signatures, key=lambda each: (each.hash == now_hash, each.signed_at), reverse=True)
    found = []
    for signer in PlanSigner:
        latest = next((each for each in rows if each.signer == signer), None)
        found.append(SignatureStatus(signer, latest, latest is not None and latest.hash == now_hash))
    return found


def standing_of(plan: TreatmentPlan, goals: Iterable[Goal] | None = None) -> list[SignatureStatus]:
    """The same, read for one plan."""
    return standing(plan_text.contents(plan, goals), plan.signatures.select_related("by"))
