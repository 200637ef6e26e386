"""Note filters: for a chart, for the notes beside the editor, and for the worklist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q, QuerySet, Value
from django_filters import CharFilter, ChoiceFilter, ModelChoiceFilter

from cases.models import Client, TreatmentEpisode
from cases.models.people.client import NameWords
from cases.people import names
from counseling.models import SessionNote
from counseling.notes import formats, search_excerpts
from staff.access import StaffRequest
from staff.filters import ListFilter
from staff.models import StaffMember
from staff.reading import Reading, query, reads, rows, together

MOST_WORDS = 6  # of a name that is looked for


@dataclass(frozen=True)
class NoteChoices:
    """What the notes of a client can be narrowed to."""

    episodes: list[TreatmentEpisode]
    formats: list[tuple[str, str]]
    authors: list[StaffMember]


@reads
def note_choices(request: StaffRequest, client: Client) -> Reading[NoteChoices]:
    """The client's episodes, the clinic's formats, and everyone who wrote a note about the client."""
    of_client: dict[str, Any] = {"client": client, "by": request.user}
    found = yield from together(
        rows(
            query(
                lambda client, by: (
                    TreatmentEpisode.objects.visible_to(by).filter(client=client).select_related("program")
                ),
                **of_client,
            )
        ),
        formats.names.part(client.clinic),
        rows(
            query(
                lambda client, by: StaffMember.objects.visible_to(by).filter(
                    pk__in=SessionNote.objects.visible_to(by).filter(client=client).values("author")
                ),
                **of_client,
            )
        ),
    )
    return NoteChoices(*found)


class NoteFilter(ListFilter):
    """Narrows a client's notes by search words, episode, format and author."""

    button = "Search"
    wide = ("q",)

    q = CharFilter(label="Search notes", method="about")
    episode = ModelChoiceFilter(label="Episode", empty_label="All episodes")
    format = ChoiceFilter(label="Format", empty_label="All formats")
    author = ModelChoiceFilter(label="Author", empty_label="Anyone")

    def __init__(self, request: StaffRequest, *, choices: NoteChoices) -> None:
        """`queryset` is set by whoever has something narrowed: the newest notes need none."""
        super().__init__(request, SessionNote.objects.none())
        episodes, authors = ([row.pk for row in listed] for listed in (choices.episodes, choices.authors))
        self.filters["episode"].queryset = TreatmentEpisode.objects.filter(pk__in=episodes)
        self.filters["format"].extra["choices"] = choices.formats
        self.filters["author"].queryset = StaffMember.objects.filter(pk__in=authors)
        for name, listed in (("episode", choices.episodes), ("author", choices.authors)):
            field: Any = self.form.fields[name]
            field.widget.choices = [("", field.empty_label), *((row.pk, str(row)) for row in listed)]  # read already

    def about(self, notes: Any, name: str, words: str) -> QuerySet[SessionNote]:  # noqa: ARG002
        """Notes that contain the words, with the matching passages."""
        found: QuerySet[SessionNote] = search_excerpts.marked(notes.about(words), words)
        return found


class WorklistFilter(ListFilter):
    """Narrows the worklist to a client or a writer."""

    button = "Search"
    wide = ("q",)

    q = CharFilter(label="Client or author", method="named", widget=forms.TextInput(attrs={"type": "search"}))

    def named(self, notes: QuerySet[SessionNote], name: str, asked: str) -> QuerySet[SessionNote]:  # noqa: ARG002
        """Notes whose client or author has a name starting with each word, by the rule of `cases.people.names`."""
        writer = NameWords("author__given_name", Value(""), "author__family_name", Value(""))
        for word in names.words(asked)[:MOST_WORDS]:
            begun = Q(client__name_words__contains=f" {word}") | Q(writer_words__contains=f" {word}")
            notes = notes.alias(writer_words=writer).filter(begun)
        return notes
