"""A sheet as a download."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone

from .sheet import Sheet


def as_pdf(sheet: Sheet) -> HttpResponse:
    """The sheet as a PDF to download, which no browser or proxy keeps."""
    # Here and not above: loading the PDF and font code takes a second, which every start would wait for.
    from . import pdf

    answer = HttpResponse(pdf.pdf(sheet, now=timezone.now()), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{sheet.file_name}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer
