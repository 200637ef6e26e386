"""A browser in the words of the person who uses it: “Firefox on Windows”. Only to tell one's own sessions apart."""

from __future__ import annotations

# In this order: most browsers also name those that they resemble.
_PROGRAMS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrom", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def in_words(agent: str) -> str:
    """What the browser calls itself, short."""
    program = next((name for mark, name in _PROGRAMS if mark in agent), "Another browser")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return f"{program} on {system}" if system else program
