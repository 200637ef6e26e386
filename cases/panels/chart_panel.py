"""Panels each app contributes to the chart overview; the desk collects them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ChartPanel:
    """A card on the chart overview. `template` is rendered with `context` inside a card titled `title`."""

    title: str
    template: str
    context: dict[str, object] = field(default_factory=dict)
    url: str = ""
    order: int = 50
