"""Refusals: raised when a rule forbids an act. The sentence is shown to the user unchanged."""


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
