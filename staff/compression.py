"""Pages are sent compressed to the clinic's own pages, and plain to a request that another site made.

The length of a compressed page tells whether a guess in its address stands on it, too (BREACH). To guess, another site
must make the reader's browser ask; the browser says so, and gets the page as long as it is. The token of forms is
masked anew in each page, and Django pads at random what it compresses.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

OWN = ("same-origin", "none")  # none: typed into the address bar, or a bookmark


class CompressedPagesMiddleware(GZipMiddleware):
    """Compresses text that the reader's own browser asked for from here."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """As it is for browsers that do not say who asks, and for what is compressed already, such as a PDF."""
        asked_here = request.headers.get("Sec-Fetch-Site") in OWN
        if not asked_here or response.streaming or not response.headers.get("Content-Type", "").startswith("text/"):
            return response
        return super().process_response(request, response)
