"""A file of encrypted pieces, written and read piece by piece: none can be changed, left out, moved or added unseen.

After the head (what it is, a random salt) each piece is its length and its ciphertext, AES-256-GCM under a key that is
made of BACKUP_KEY and the salt, so for this file alone. The nonce is the piece's number and whether it is the last one
(as in STREAM; Hoang, Reyhanitabar, Rogaway, Vizár 2015): a file that was cut off ends in a piece that isn't the last.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HEAD = b"ONWARD BACKUP 1\n"
SALT = 32
LARGEST = 1024 * 1024  # bytes of a piece
TAG = 16


class NotWhole(Exception):
    """The file is not as it was written, or was written with another key."""


class Writer:
    """Pieces go in, each with a letter for what it is. The file has its name only once it is whole."""

    def __init__(self, path: Path, *, key: str) -> None:
        if path.exists():
            raise FileExistsError(f"{path} exists already.")
        self.path, self.part = path, path.with_name(f".{path.name}.{os.urandom(4).hex()}.part")
        salt = os.urandom(SALT)
        self._cipher, self._head, self._number = _cipher(key, salt), HEAD + salt, 0
        self._waiting: bytes | None = None
        self._file: BinaryIO = os.fdopen(os.open(self.part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._file.write(self._head)

    def write(self, kind: str, data: bytes) -> None:
        """One piece, or several if it is long."""
        for start in range(0, max(len(data), 1), LARGEST):
            if self._waiting is not None:
                self._put(self._waiting, is_last=False)
            self._waiting = kind.encode() + data[start : start + LARGEST]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, at: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._put(self._waiting or b"-", is_last=True)
                self._file.flush()
                os.fsync(self._file.fileno())
                os.link(self.part, self.path)  # never over another file
        finally:
            self._file.close()
            self.part.unlink(missing_ok=True)

    def _put(self, plain: bytes, *, is_last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, is_last), plain, self._head)
        self._file.write(len(sealed).to_bytes(4, "big") + sealed)
        self._number += 1


def pieces(path: Path, *, key: str) -> Iterator[tuple[str, bytes]]:
    """The pieces in their order, each checked before it is handed out. Raises NotWhole."""
    with path.open("rb") as file:
        head = file.read(len(HEAD) + SALT)
        if len(head) < len(HEAD) + SALT or not head.startswith(HEAD):
            raise NotWhole("This is not a backup of Onward.")
        cipher, number = _cipher(key, head[len(HEAD) :]), 0
        following = _sealed(file, number)
        while following is not None:
            sealed, following = following, _sealed(file, number + 1)
            plain = _opened(cipher, sealed, number, head, is_last=following is None)
            yield plain[:1].decode("ascii", "replace"), plain[1:]
            number += 1
        if not number:
            raise NotWhole("The file ends after its head: it was cut off.")


def _sealed(file: BinaryIO, number: int) -> bytes | None:
    length = file.read(4)
    if not length:
        return None
    size = int.from_bytes(length, "big")
    sealed = file.read(size) if TAG < size <= LARGEST + 1 + TAG else b""
    if len(length) < 4 or len(sealed) < size or not sealed:
        raise NotWhole(f"Piece {number + 1} of the file is not whole: the file was cut off or changed.")
    return sealed


def _opened(cipher: AESGCM, sealed: bytes, number: int, head: bytes, *, is_last: bool) -> bytes:
    try:
        return cipher.decrypt(_nonce(number, is_last), sealed, head)
    except InvalidTag:
        pass
    try:
        cipher.decrypt(_nonce(number, not is_last), sealed, head)
    except InvalidTag:
        if number == 0:
            raise NotWhole("The file can’t be opened: BACKUP_KEY is not its key, or the file was changed.") from None
        raise NotWhole(f"Piece {number + 1} of the file is not what was written there: the file was changed.") from None
    raise NotWhole(
        f"The file ends with piece {number + 1}, which is not its last: it was cut off."
        if is_last
        else f"The file goes on after piece {number + 1}, its last: something was added."
    )


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _cipher(key: str, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), length=32, salt=salt, info=HEAD).derive(key.encode()))
