"""Where the way to a meeting begins. Looked up in a table on this server: no address goes anywhere."""

from __future__ import annotations

from dataclasses import dataclass

from cases.models import Client

from . import finder
from .locations import zip_town

HOME, WORK = "home", "work"


@dataclass(frozen=True)
class StartPoint:
    """A place as `finder.find` takes it, and what to call it."""

    place: str
    words: str
    kind: str = ""  # home or work; empty if it was typed

    @classmethod
    def of(cls, kind: str, code: str) -> StartPoint:
        """Where a client lives or works. Their street is not looked up: the middle of the ZIP area is near enough."""
        return cls(code, _zip_words(code), kind)

    @classmethod
    def typed(cls, near: str) -> StartPoint:
        """A place that somebody typed, which can be looked up."""
        return cls(near, near.strip() if "," in near else _zip_words(near))

    @property
    def point(self) -> tuple[float, float]:
        """Latitude and longitude."""
        return finder.locate(self.place)


def known_of(client: Client | None) -> dict[str, str]:
    """The ZIP codes of the client's home and of their work or school, as far as there are such areas."""
    if client is None:
        return {}
    codes = {HOME: client.postal_code.strip()[:5], WORK: client.work_postal_code.strip()[:5]}
    return {kind: code for kind, code in codes.items() if _is_known(code)}


def nearest_home(client: Client | None) -> StartPoint | None:
    """The client's home, or where they work if that is all that is known."""
    return next((StartPoint.of(kind, code) for kind, code in known_of(client).items()), None)


def _is_known(code: str) -> bool:
    try:
        finder.locate(code)
    except finder.UnknownPlace:
        return False
    return True


def _zip_words(code: str) -> str:
    town, state = zip_town(code)
    return f"the middle of ZIP code {code.strip()[:5]} ({town}, {state})"
