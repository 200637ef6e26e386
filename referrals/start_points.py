"""Where the way to a meeting begins. Looked up in a table on this server: no address goes anywhere."""

from __future__ import annotations

from dataclasses import dataclass

from cases.models import Client

from . import finder
from .locations import zip_town


@dataclass(frozen=True)
class StartPoint:
    """A place as `finder.find` takes it, and what to call it."""

    place: str
    words: str
    is_home: bool = False

    @classmethod
    def home(cls, code: str) -> StartPoint:
        """Where a client lives. Their street is not looked up: the middle of their ZIP area is near enough."""
        return cls(code, _zip_words(code), is_home=True)

    @classmethod
    def typed(cls, near: str) -> StartPoint:
        """A place that somebody typed, which can be looked up."""
        return cls(near, near.strip() if "," in near else _zip_words(near))

    @property
    def point(self) -> tuple[float, float]:
        """Latitude and longitude."""
        return finder.locate(self.place)


def home_of(client: Client | None) -> str:
    """The ZIP code of the client's home; empty if there is none, or no such area."""
    code = client.postal_code.strip()[:5] if client else ""
    try:
        finder.locate(code)
    except finder.UnknownPlace:
        return ""
    return code


def _zip_words(code: str) -> str:
    town, state = zip_town(code)
    return f"the middle of ZIP code {code.strip()[:5]} ({town}, {state})"
