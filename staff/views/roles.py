"""Who may do what, for everyone who works here: the table of roles as a policy."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from staff.access import RELATIONS, Permission, StaffRequest, as_policy, requires
from staff.models import Role


@requires(Permission.TODAY_VIEW)
def roles(request: StaffRequest) -> HttpResponse:
    """Each permission and the roles that have it, and what a relation to a client adds or takes."""
    areas = [
        (area, [(permission, list(zip(Role.choices, allowed, strict=True))) for permission, allowed in lines])
        for area, lines in as_policy()
    ]
    context = {"areas": areas, "roles": Role.choices, "own": request.user.role, "relations": RELATIONS}
    return render(request, "staff/roles.html", context)
