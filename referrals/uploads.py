"""Keeps an uploaded list, and a list that waits for a person's decision, until a worker imports it.

They are kept in the database, in compressed pieces: web servers and workers share no disk, a clinic's rows are bound to
it by row-level security, and what belongs to an order comes and goes with it. A directory of 170 MB takes about 25.
"""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from referrals.listing import SourceError
from referrals.models import ImportOrder, MeetingFeed, UploadedPart

_AT_ONCE = 1024 * 1024  # bytes, before they are compressed


def keep(order: ImportOrder, file: BinaryIO) -> None:
    """Keep a file for its order."""
    file.seek(0)
    number = 0
    while part := file.read(_AT_ONCE):
        UploadedPart.objects.create(order=order, number=number, content=zlib.compress(part, 1))
        number += 1


def pieces(order: ImportOrder) -> Iterator[bytes]:
    """The file that was kept for an order, piece by piece; none if it is not kept any longer."""
    for content in order.parts.order_by("number").values_list("content", flat=True).iterator(chunk_size=4):
        yield zlib.decompress(bytes(content))


def opened(order: ImportOrder) -> BinaryIO:
    """The same to be read. Raises SourceError if there is none."""
    file: BinaryIO = tempfile.SpooledTemporaryFile(max_size=_AT_ONCE)  # type: ignore[assignment]  # noqa: SIM115
    is_there = False
    for piece in pieces(order):
        file.write(piece)
        is_there = True
    if not is_there:
        raise SourceError("The file is empty, or is not kept any longer. Upload it again.")
    file.seek(0)
    return file


def forget(feed: MeetingFeed) -> None:
    """Delete what is kept for imports of a feed that are done."""
    UploadedPart.objects.filter(order__feed=feed, order__done_at__isnull=False).delete()


def hand_over(held: ImportOrder, order: ImportOrder) -> bool:
    """Let a new order import the very list that was held; whether there is one."""
    return bool(held.parts.update(order=order))
