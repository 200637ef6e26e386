"""Refusals: raised when a rule forbids an act. The sentence is shown to the user unchanged."""

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest


class Refusal(Exception):
    """A rule forbids this. Subclasses name the rule; `sentence` says why and what to do instead."""

    sentence = "This can’t be done."

    def __init__(self, sentence: str | None = None) -> None:
        self.sentence = sentence or self.sentence
        super().__init__(self.sentence)

    def __str__(self) -> str:
        return self.sentence


class NotPermitted(Refusal):
    """The person's role or care-team membership does not allow the act."""

    sentence = "Your role doesn’t allow this. Ask a supervisor."


class _Shown:
    """A block whose refusal is shown to the user; the code after the block then renders the page again."""

    def __init__(self, say: Callable[[Refusal], None], but: tuple[type[Refusal], ...] = ()) -> None:
        self._say, self._but = say, but

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, raised: BaseException | None, trace: object) -> bool:
        if not isinstance(raised, Refusal) or isinstance(raised, self._but):
            return False
        self._say(raised)
        return True


def refusal_on(
    form: BaseForm,
    field: str | None = None,
    *,
    fields: Mapping[type[Refusal], str | None] | None = None,
    but: tuple[type[Refusal], ...] = (),
) -> _Shown:
    """Show the block's refusal beside its field, or above the form. The block returns if the act succeeded.

    Those in `but` are raised on: after them the page has no such form, so that nobody would see what stands in it.

    with refusal_on(form, fields={plans.DayTaken: "starts_on"}):
        plans.start(client=client, by=request.user)
        return redirect("counseling:plan")
    return page(request, client, form=form)
    """
    beside = fields or {}

    def say(refusal: Refusal) -> None:
        named = next((name for kind, name in beside.items() if isinstance(refusal, kind)), field)
        form.add_error(named, refusal.sentence)

    return _Shown(say, but)


def refusal_as_message(request: HttpRequest) -> _Shown:
    """Show the block's refusal as a message on the next page."""
    return _Shown(lambda refusal: messages.error(request, refusal.sentence))
