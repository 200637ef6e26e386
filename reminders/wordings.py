"""The text of messages: the clinic's own wording or the product's, in the client's language, filled in and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from privacy.models import Channel
from reminders import languages, moments, pages, segments, wording
from reminders.kinds import KINDS
from reminders.languages import Language
from reminders.models import MessageTemplate, Reminder
from staff import phones
from staff.reading import Reading, reads, rows

_NOWHERE = pages.Leads("")
_Key = tuple[int, str, str, str]  # clinic, kind, channel, language


@dataclass(frozen=True)
class Text:
    """What a message says, or why it can't be written (`why_not`, fit to show).

    `body` is for people at the clinic, `sent` leaves: it has the address of a private page, if the message carries one.
    """

    subject: str = ""
    body: str = ""
    why_not: str = ""
    page: str = ""

    @property
    def sent(self) -> str:
        """The body as it leaves."""
        return self.body.replace(pages.MARK, self.page) if self.page else self.body


@reads
def texts(reminders: Sequence[Reminder]) -> Reading[dict[int, Text]]:
    """The text of each as it would leave now on its channel, in one query.

    Reminders come with their clinic and client. A clinic's own wording counts in the language it is written in: who
    reads Spanish gets the product's Spanish wording rather than a clinic's English one.
    """
    own = yield from _own(reminders)
    carried = pages.carried(reminders)
    found = {}
    for each in reminders:
        language, channel = languages.of(each.client), each.channel
        kept = own.get((each.clinic_id, each.kind, channel, language))
        leads = carried.get(each.pk, _NOWHERE)
        text = _text(each, channel, language, kept, leads.at, leads.about.get(language, ""))
        # Too long: better without the day than without the address, and without that than not at all.
        for page in (leads.at, ""):
            if text.page and text.why_not:
                text = _text(each, channel, language, kept, page)
        found[each.pk] = text
    return found


def text_of(reminder: Reminder) -> Text:
    """The same for one."""
    return texts([reminder])[reminder.pk]


def _own(reminders: Sequence[Reminder]) -> Reading[dict[_Key, MessageTemplate]]:
    if not reminders:
        return {}
    kept = MessageTemplate.objects.filter(
        clinic__in={each.clinic_id for each in reminders}, kind__in={each.kind for each in reminders}
    )
    return {(row.clinic_id, row.kind, row.channel, row.language): row for row in (yield from rows(kept))}


def _text(
    reminder: Reminder,
    channel: str,
    language: Language,
    own: MessageTemplate | None,
    page: str = "",
    about: str = "",
) -> Text:
    body = own.body if own else KINDS[reminder.kind].said.within(language)
    if page and own:
        body = f"{own.body} {about}: {pages.MARK}" if about else f"{own.body} {pages.MARK}"
    elif page:
        said = wording.WITH_PAGE_ABOUT if about else wording.WITH_PAGE
        body = said.within(language).replace("{page}", pages.MARK).replace("{about}", about)
    subject = (own.subject if own else "") or wording.NEUTRAL_SUBJECT.within(language)
    context = {"number": phones.spoken(reminder.clinic.phone), **reminder.context}
    try:
        text = wording.render(body, moments.said(context, reminder.zone, language))
    except KeyError as error:
        return Text(why_not=f"the message needs {error.args[0]}, which is missing")
    if channel == Channel.VOICE:
        text = wording.aloud(text)
    if channel == Channel.SMS:
        text = segments.as_text_message(text)
        if not segments.length(text.replace(pages.MARK, page) if page else text).fits:
            return Text(why_not="the message is longer than one text message", page=page)
    if len(text.replace(pages.MARK, page) if page else text) > wording.LONGEST:
        return Text(why_not=f"the message is longer than {wording.LONGEST} characters", page=page)
    if wording.revealing_words(f"{subject} {text}"):
        return Text(why_not="the message is not neutral")
    return Text(subject, text, page=page)
