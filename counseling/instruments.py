"""The standard measures as data: items, allowed answers, bands. Item text only if its owner allows it.

PHQ-9 and GAD-7: Pfizer, "no permission required to reproduce, translate, display or distribute". For all others a
clinic enters the answers from the form it has a license for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from counseling.codes import Instrument

YES_NO = (0, 1)
WHEN = "6_recent"  # the second half of the C-SSRS screener's question 6: whether it was within 3 months
HOW_OFTEN = {0: "Not at all", 1: "Several days", 2: "More than half the days", 3: "Nearly every day"}


@dataclass(frozen=True)
class Item:
    """One question: its key on the form, its allowed answers, and its text if it may be shown."""

    key: str
    allowed: tuple[int, ...]
    label: str
    scored: bool = True
    help: str = ""
    names: tuple[tuple[int, str], ...] = ()  # what its answers are called where they differ from the form's others

    @property
    def is_numbered(self) -> bool:
        """Whether its label is its number, for want of words."""
        return self.label.startswith("Question ")


@dataclass(frozen=True)
class Band:
    """The name of totals from `lowest` up."""

    lowest: int
    name: str


@dataclass(frozen=True)
class Skip:
    """A branch of the form: if all of `after` are answered 0, `skips` are not asked and count 0.

    With `is_firm`, an answer to a skipped question is a contradiction; the C-SSRS counts every “yes” instead.
    """

    after: tuple[str, ...]
    skips: tuple[str, ...]
    hint: str  # what the page says after the last question of `after`
    is_firm: bool = True

    def holds(self, answers: Mapping[str, object]) -> bool:
        """Whether these answers take the branch; a missing answer does not."""
        return all(str(answers.get(key)) == "0" for key in self.after)


@dataclass(frozen=True)
class Form:
    """One instrument. `rules_version` goes up when any rule here changes, and scores of two versions never mix.

    What a band is called is no rule: each score is stored with the name it was given.
    """

    instrument: Instrument
    items: tuple[Item, ...]
    bands: tuple[Band, ...] = ()
    rules_version: int = 1
    choices: Mapping[int, str] = field(default_factory=dict)
    introduction: str = ""
    skips: tuple[Skip, ...] = ()

    def skipped(self, answers: Mapping[str, object]) -> frozenset[str]:
        """Keys of questions skipped after these answers: they are not missing, and count 0."""
        return frozenset(key for skip in self.skips if skip.holds(answers) for key in skip.skips)

    def names_of(self, item: Item) -> Mapping[int, str]:
        """Labels of a question's answers, if they may be shown."""
        return dict(item.names) if item.names else self.choices

    @property
    def keys(self) -> tuple[str, ...]:
        """Item keys in order."""
        return tuple(item.key for item in self.items)

    @property
    def question_count(self) -> int:
        """Number of questions."""
        return len([item for item in self.items if item.key != WHEN])

    def number_of(self, item: Item) -> str:
        """The question's number on the form; for a question with a named key, its position."""
        if item.key == WHEN:
            return "6b"
        return item.key if item.key.isdigit() else str(self.items.index(item) + 1)

    @property
    def always_asked(self) -> tuple[str, ...]:
        """Keys that must be answered for a result. The C-SSRS screener sometimes skips its other questions."""
        if self.instrument == Instrument.CSSRS:
            return ("1", "2", "6")
        return tuple(item.key for item in self.items if item.scored)

    @property
    def total_range(self) -> tuple[int, int] | None:
        """The lowest and the highest total; None if the instrument has no total."""
        if self.instrument in (Instrument.CSSRS, Instrument.BAM):
            return None
        scored = [item.allowed for item in self.items if item.scored]
        return sum(min(each) for each in scored), sum(max(each) for each in scored)


def _numbered(count: int, allowed: tuple[int, ...]) -> tuple[Item, ...]:
    return tuple(Item(str(number), allowed, f"Question {number}") for number in range(1, count + 1))


def _worded(texts: tuple[str, ...], allowed: tuple[int, ...]) -> tuple[Item, ...]:
    return tuple(Item(str(number), allowed, text) for number, text in enumerate(texts, 1))


def _named(**items: tuple[str, tuple[int, ...]]) -> tuple[Item, ...]:
    return tuple(Item(key, allowed, label) for key, (label, allowed) in items.items())


_FOUR = (0, 1, 2, 3)
_FIVE = (0, 1, 2, 3, 4)
_SEVERITY = (Band(0, "Minimal"), Band(5, "Mild"), Band(10, "Moderate"))
_TWO_WEEKS = "Over the last 2 weeks, how often have you been bothered by any of the following problems?"

PHQ9 = Form(
    Instrument.PHQ9,
    _worded(
        (
            "Little interest or pleasure in doing things",
            "Feeling down, depressed, or hopeless",
            "Trouble falling or staying asleep, or sleeping too much",
            "Feeling tired or having little energy",
            "Poor appetite or overeating",
            "Feeling bad about yourself — or that you are a failure or have let yourself or your family down",
            "Trouble concentrating on things, such as reading the newspaper or watching television",
            "Moving or speaking so slowly that other people could have noticed? Or the opposite — being so fidgety or"
            " restless that you have been moving around a lot more than usual",
            "Thoughts that you would be better off dead or of hurting yourself in some way",
        ),
        _FOUR,
    ),
    (*_SEVERITY, Band(15, "Moderately severe"), Band(20, "Severe")),
    choices=HOW_OFTEN,
    introduction=_TWO_WEEKS,
)
GAD7 = Form(
    Instrument.GAD7,
    _worded(
        (
            "Feeling nervous, anxious, or on edge",
            "Not being able to stop or control worrying",
            "Worrying too much about different things",
            "Trouble relaxing",
            "Being so restless that it is hard to sit still",
            "Becoming easily annoyed or irritable",
            "Feeling afraid, as if something awful might happen",
        ),
        _FOUR,
    ),
    (*_SEVERITY, Band(15, "Severe")),
    choices=HOW_OFTEN,
    introduction=_TWO_WEEKS,
)
AUDIT = Form(
    Instrument.AUDIT,
    (
        *_numbered(8, _FIVE),
        Item("9", (0, 2, 4), "Question 9"),
        Item("10", (0, 2, 4), "Question 10"),
    ),
    (
        Band(0, "Low risk"),
        Band(8, "Risky use"),
        Band(16, "Harmful use"),
        Band(20, "Likely dependence"),
    ),
    rules_version=2,  # since 2 the interview form's two branches (WHO, AUDIT manual, 2nd edition, box 4)
    skips=(
        Skip(("1",), ("2", "3", "4", "5", "6", "7", "8"), "0 (never): go on to question 9."),
        Skip(("2", "3"), ("4", "5", "6", "7", "8"), "Questions 2 and 3 both 0: go on to question 9."),
    ),
)
AUDIT_C = Form(
    Instrument.AUDIT_C,
    _numbered(3, _FIVE),
    rules_version=2,  # the first three questions of the AUDIT, and its first branch with them
    skips=(Skip(("1",), ("2", "3"), "0 (never): questions 2 and 3 are not asked, and count 0."),),
)
DAST10 = Form(
    Instrument.DAST10,
    _numbered(10, YES_NO),
    (Band(0, "None"), Band(1, "Low"), Band(3, "Moderate"), Band(6, "Substantial"), Band(9, "Severe")),
    choices={0: "No", 1: "Yes"},
)
DAST10_REVERSED = "3"  # a “no” counts
BAM_NO_OR_YES = "14"  # enough income for what is needed: no 0, yes 4 (VA, BAM clinical guide); there is no “some”
BAM_USE = ("4", "5", "6")  # days of any drinking, of heavy drinking, of drugs, of the past 30
BAM = Form(
    Instrument.BAM,
    tuple(
        Item(BAM_NO_OR_YES, (0, 4), f"Question {number}", names=((0, "No"), (4, "Yes")))
        if str(number) == BAM_NO_OR_YES
        else Item(str(number), _FIVE, f"Question {number}", scored=number not in (7, 17))
        for number in range(1, 18)
    ),
    rules_version=2,  # since 2 question 14 is no or yes
)
BAM_SUBSCALES = {
    "use": BAM_USE,
    "risk": ("1", "2", "3", "8", "11", "15"),
    "protective": ("9", "10", "12", "13", "14", "16"),
}
CSSRS = Form(
    Instrument.CSSRS,
    (
        *_numbered(6, YES_NO),
        Item(WHEN, YES_NO, "Question 6, within the past 3 months"),
    ),
    choices={0: "No", 1: "Yes"},
    skips=(
        Skip(("2",), ("3", "4", "5"), "No: go on to question 6.", is_firm=False),
        Skip(("6",), (WHEN,), "No: nothing more is asked.", is_firm=False),
    ),
)
COWS = Form(
    Instrument.COWS,
    _named(
        pulse=("Resting pulse", (0, 1, 2, 4)),
        sweating=("Sweating", (0, 1, 2, 3, 4)),
        restlessness=("Restlessness", (0, 1, 3, 5)),
        pupils=("Pupil size", (0, 1, 2, 5)),
        aches=("Bone or joint aches", (0, 1, 2, 4)),
        runny_nose=("Runny nose or tearing", (0, 1, 2, 4)),
        gi=("Stomach and bowel", (0, 1, 2, 3, 5)),
        tremor=("Tremor", (0, 1, 2, 4)),
        yawning=("Yawning", (0, 1, 2, 4)),
        anxiety=("Anxiety or irritability", (0, 1, 2, 4)),
        gooseflesh=("Gooseflesh", (0, 3, 5)),
    ),
    (
        Band(0, "Below mild"),
        Band(5, "Mild"),
        Band(13, "Moderate"),
        Band(25, "Moderately severe"),
        Band(37, "Severe"),
    ),
)
_EIGHT = tuple(range(8))
CIWA_AR = Form(
    Instrument.CIWA_AR,
    _named(
        nausea=("Nausea and vomiting", _EIGHT),
        tremor=("Tremor", _EIGHT),
        sweats=("Sweats", _EIGHT),
        anxiety=("Anxiety", _EIGHT),
        agitation=("Agitation", _EIGHT),
        tactile=("Tactile disturbances", _EIGHT),
        auditory=("Auditory disturbances", _EIGHT),
        visual=("Visual disturbances", _EIGHT),
        headache=("Headache", _EIGHT),
        orientation=("Orientation", _FIVE),
    ),
    (Band(0, "Mild"), Band(10, "Moderate"), Band(19, "Severe")),
)
BARC10 = Form(
    Instrument.BARC10,
    _numbered(10, (1, 2, 3, 4, 5, 6)),
    (Band(10, "Below the sustained-remission cutoff"), Band(47, "At or above the sustained-remission cutoff")),
)

FORMS = {form.instrument: form for form in (PHQ9, GAD7, AUDIT, AUDIT_C, DAST10, BAM, CSSRS, COWS, CIWA_AR, BARC10)}
