from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from staff.access import Permission, requires


@require_GET
@requires(Permission.TODAY_VIEW)
def stay(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Renew the session when the person says they are still there (WCAG 2.2.1); the request alone does it."""
    return HttpResponse(status=204)
