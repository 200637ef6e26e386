"""The forms of a page as a browser reads them: where each leads, and the fields that it would send untouched."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """One form."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)

    def filled(self, today: str) -> list[tuple[str, str]]:
        """As somebody in a hurry fills it in: the first choice, today, and a word wherever something may be written."""
        sent: list[tuple[str, str]] = []
        chosen: set[str] = set()
        for name, value in self.fields:
            kind = self.kinds.get(name, "")
            if kind == "radio" and name in chosen:
                continue
            chosen.add(name)
            guess = {"date": today, "time": "10:00", "number": "1", "datetime-local": f"{today}T10:00", "hidden": ""}
            sent.append((name, value or guess.get(kind, "Sample")))
        return sent


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.open: Form | None = None
        self.select: tuple[Form | None, str, bool] | None = None
        self.area: tuple[Form | None, str, list[str]] | None = None
        self.later: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = Form(said.get("action", ""), said.get("method", "get").lower())
            self.forms.append(self.open)
            self.by_id[said.get("id", "")] = self.open
        name = said.get("name", "")
        if tag in ("input", "button") and name:
            if self.open is not None:
                self.open.kinds[name] = said.get("type", "text" if tag == "input" else "hidden")
            self._send(said.get("form", ""), name, said.get("value", ""))
        elif tag == "select" and name:
            self.select = (self.open, name, False)
            if self.open is not None:
                self.open.kinds[name] = "hidden"
        elif tag == "option" and self.select and not self.select[2] and said.get("value"):
            self._send("", self.select[1], said["value"])
            self.select = (*self.select[:2], True)
        elif tag == "textarea" and name:
            self.area = (self.open, name, [])
        for verb in ("hx-post", "hx-get", "formaction"):
            if said.get(verb):
                method = "get" if verb == "hx-get" else "post"
                form = Form(said[verb], method, list(self.open.fields) if self.open else [])
                self.forms.append(form)

    def handle_data(self, data: str) -> None:
        if self.area:
            self.area[2].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        elif tag == "select" and self.select:
            if not self.select[2]:
                self._send("", self.select[1], "")
            self.select = None
        elif tag == "textarea" and self.area:
            self._send("", self.area[1], "".join(self.area[2]))
            self.area = None

    def _send(self, form_id: str, name: str, value: str) -> None:
        if form_id:
            self.later.append((form_id, name, value))
        elif self.open is not None:
            self.open.fields.append((name, value))


def forms_in(page: str) -> list[Form]:
    """All forms of a page; fields elsewhere on it that belong to one are among its own."""
    reader = _Reader()
    reader.feed(page)
    for form_id, name, value in reader.later:
        if form := reader.by_id.get(form_id):
            form.fields.append((name, value))
    return reader.forms
