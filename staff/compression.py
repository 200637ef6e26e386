"""Compresses pages for requests from the clinic's own pages, but not for requests that another site made.

The length of a compressed page reveals whether a guess in its address also appears in the page (BREACH). To guess,
another site has to make the reader's browser send requests. The browser says so, and gets the page uncompressed. The
forms' token is masked anew in each page, and Django adds random padding to what it compresses.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

OWN = ("same-origin", "none")  # none: typed into the address bar, or a bookmark


class CompressedPagesMiddleware(GZipMiddleware):
    """Compresses text that the reader's browser requested from this site."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Leaves the response alone if the browser doesn't say who asks, or if it is compressed already, like a PDF."""
        asked_here = request.headers.get("Sec-Fetch-Site") in OWN
        if not asked_here or response.streaming or not response.headers.get("Content-Type", "").startswith("text/"):
            return response
        return super().process_response(request, response)
