"""The codes of a clinic's state in place of the public-use codes: data that the clinic keeps, applied at export."""

from __future__ import annotations

from dataclasses import dataclass

from cases.models import StateCode
from staff.models import Clinic


@dataclass(frozen=True)
class Coded:
    """One cell: its element, the public-use code, and our own detailed value if there is one."""

    element: str
    code: int
    value: str = ""


class StateMap:
    """A clinic's own codes, read once per export."""

    def __init__(self, codes: dict[tuple[str, int, str], str]) -> None:
        self._codes = codes

    @classmethod
    def of(cls, clinic: Clinic) -> StateMap:
        """As the clinic keeps them, in one query."""
        rows = StateCode.objects.filter(clinic=clinic)
        return cls({(row.element, row.teds_code, row.only_for): row.state_code for row in rows})

    def cell(self, coded: Coded) -> str:
        """In the file: the state's code for our own value, else for the public-use code, else that one."""
        own = self._codes.get((coded.element, coded.code, coded.value)) if coded.value else None
        return own or self._codes.get((coded.element, coded.code, "")) or str(coded.code)
