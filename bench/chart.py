"""A chart with a handful of notes and measures, and one with hundreds."""

from __future__ import annotations

import datetime

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from bench.measuring import compared, measure, opening
from bench.population import Population
from cases.models import Client, TreatmentEpisode
from counseling import measures
from counseling.models import Measure, NoteSignature, SessionNote
from demo import history

FEW, MANY = 7, 700
SESSION = datetime.timedelta(minutes=50)


def run(population: Population) -> list[str]:
    """One line a page."""
    counselor = population.counselors[0]
    own = Client.objects.visible_to(counselor).order_by("pk")[:2]
    charts = dict(zip((FEW, MANY), own, strict=True))
    for number, client in charts.items():
        write(population, client, number)
    with connection.cursor() as cursor:
        for model in (SessionNote, NoteSignature, Measure):
            cursor.execute(f"VACUUM (ANALYZE) {model._meta.db_table}")
    pages = {
        "chart overview": "desk:chart",
        "timeline": "desk:timeline",
        "list of notes": "counseling:notes",
        "new note beside the earlier ones": "counseling:note_new",
    }
    pages |= {"measures, and what is due": "counseling:measures", "course of one measure": "counseling:measure_trend"}
    lines = []
    for page, name in pages.items():
        more = ["phq-9"] if name == "counseling:measure_trend" else []
        few, many = (
            measure(opening(reverse(name, args=[client.pk, *more]), by=counselor)) for client in charts.values()
        )
        lines.append(compared(page, few, many))
    return lines


def write(population: Population, client: Client, number: int) -> None:
    """Signed notes and measures, one every other day back from now, in an episode that is long enough for them."""
    episode = TreatmentEpisode.objects.get(client=client, discharged_on=None)
    now = timezone.now()
    TreatmentEpisode.objects.filter(pk=episode.pk).update(admitted_on=now.date() - datetime.timedelta(days=2 * MANY))
    drafts = []
    for place in range(number):
        begun = now - datetime.timedelta(days=2 * place + 1)
        drafts.append(
            history.blank_note(
                client=client,
                episode=episode,
                author=population.counselors[0],
                format="dap",
                at=begun,
                session_ended_at=begun + SESSION,
                sections={
                    "data": f"Session {place}. Talked about the week, a hard evening and what helped. " * 8,
                    "assessment": "Steady progress, craving rated 3 of 10.",
                    "plan": "Next session in two days.",
                },
            )
        )
    taken = [
        measures.filled_in(
            client=client,
            instrument="phq-9",
            answers=[place % 4] * 8 + [0],
            by=population.counselors[0],
            taken_at=now - datetime.timedelta(days=2 * place + 1),
            episode=episode,
        )
        for place in range(number)
    ]
    history.add_measures(measures=taken, by=population.supervisor)
    kept = history.add_notes(drafts=drafts, goals={}, by=population.supervisor)
    history.sign_notes(
        signed={note.pk: note.session_started_at + 2 * SESSION for note in kept}, by=population.supervisor
    )
