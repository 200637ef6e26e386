from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from staff import passkeys
from staff.access import Permission, StaffRequest, requires


@requires(Permission.TODAY_VIEW)
@require_POST
def passkey_challenge(request: StaffRequest) -> HttpResponse:
    """The challenge the browser hands to the passkey, requested by a signing form's page with the form's content."""
    if not passkeys.has_passkey(request.user):
        return JsonResponse({"sentence": "You don’t have a passkey yet. Add one under “Your account.”"}, status=409)
    options = passkeys.begin(request, path=request.POST.get("passkey_for", ""), said=request.POST)
    return JsonResponse({"options": options})
