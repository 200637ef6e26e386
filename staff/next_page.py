"""Where a form leads back to: a page of ours, named by the form or the address, and nothing else."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def of_ours(request: HttpRequest, target: str) -> str:
    """The page if it is one of this site; empty for anything else, so that no link leads out of it."""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe and target.startswith("/") else ""
