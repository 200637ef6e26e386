"""The one owner of what a reply asks for is reminders.meaning.read; of whose words they are, reminders.own_words."""

import unicodedata

import pytest

from reminders import meaning, revealing, wording
from reminders.meaning import Asks, Besides

from .replies import ASKED, EVERYDAY, IN_DANGER, QUOTED, each

OURS = (
    wording.render(wording.APPOINTMENT.english, wording.SAMPLE),
    wording.render(wording.PLEASE_CALL.english, wording.SAMPLE),
    wording.render(wording.MILESTONE.english, wording.SAMPLE),
    wording.OPTED_IN.english,
    wording.OPTED_IN.spanish,
    wording.OPTED_OUT.spanish,
    wording.IN_DANGER,
)


def test_there_are_enough_of_each() -> None:
    assert len(ASKED) + len(IN_DANGER) >= 120
    assert {asks for _, asks in ASKED} == set(Asks)


@pytest.mark.parametrize(("words", "asks"), ASKED)
def test_what_a_reply_asks_for(words: str, asks: str) -> None:
    read = meaning.read(words)
    assert (read.asks, read.danger) == (asks, None)


@pytest.mark.parametrize(("words", "danger"), IN_DANGER)
def test_a_reply_of_somebody_in_danger_is_heard_and_opts_nobody_out(words: str, danger: str) -> None:
    read = meaning.read(words)
    assert read.danger == danger
    assert read.asks in {Asks.OTHER, Asks.UNCLEAR}


@pytest.mark.parametrize("words", each(EVERYDAY))
def test_everyday_words_are_no_alarm(words: str) -> None:
    assert meaning.read(words).danger is None


@pytest.mark.parametrize(
    "words", ["STOP I want to kill myself", "stop, I can't go on with these texts", "STOP. I want to end it all"]
)
def test_a_stop_beside_danger_is_not_lost(words: str) -> None:
    assert meaning.read(words).asks == Asks.UNCLEAR
    assert meaning.read("I want to kill myself").asks == Asks.OTHER


@pytest.mark.parametrize(
    ("words", "besides"),
    [
        ("STOP", None),
        ("Cancel", Besides.VISIT),
        ("cancelar por favor", Besides.VISIT),
        ("cancel all messages", None),
        ("Wrong number!", Besides.WRONG_NUMBER),
        ("You have the wrong person", Besides.WRONG_NUMBER),
        ("número equivocado", Besides.WRONG_NUMBER),
    ],
)
def test_what_a_stop_says_beyond_the_messages(words: str, besides: Besides | None) -> None:
    read = meaning.read(words)
    assert (read.asks, read.besides) == (Asks.STOP, besides)


def test_who_is_in_danger_and_plainly_wants_no_texts_gets_both() -> None:
    read = meaning.read("I want to die. Stop texting me.")
    assert (read.danger, read.asks) == ("suicide", Asks.STOP)


@pytest.mark.parametrize("quoted", QUOTED, ids=range(len(QUOTED)))
def test_quoting_our_message_never_changes_what_a_reply_asks_for(quoted: str) -> None:
    """Over every reply and every shape of a quote: the quoted words are ours."""
    for ours in OURS:
        for words, expected in (*ASKED, *IN_DANGER):
            read = meaning.read(quoted.format(words, ours))
            assert expected in (read.asks, read.danger), (words, read.words)
            assert "opt out." not in read.words


@pytest.mark.parametrize("quoted", QUOTED, ids=range(len(QUOTED)))
def test_a_quote_alone_asks_for_nothing(quoted: str) -> None:
    for ours in OURS:
        read = meaning.read(quoted.format("", ours))
        assert (read.asks, read.danger) == (Asks.OTHER, None)


def test_a_clinics_own_wording_is_ours_too() -> None:
    own = "Visit on {day} at {time}. Text STOP and we stop texting you, {number}."
    sent = wording.render(own, wording.SAMPLE)
    assert meaning.read(f"Yes\n\n{sent}", [own]).asks == Asks.OTHER
    assert meaning.read(f"Yes\n\n{sent}").asks != Asks.OTHER


@pytest.mark.parametrize(
    "begins",
    ["On Mon, Mar 2, 2026 at 9:00 AM Example Clinic <desk@clinic.example> wrote:", "El 2 de marzo, A escribió:"],
)
def test_below_a_quote_without_marks_nothing_is_theirs(begins: str) -> None:
    """Also where what was quoted is no wording of ours that could be known."""
    read = meaning.read(f"Yes, see you.\n\n{begins}\nShall we stop texting you? Unsubscribe: stop messages.")
    assert (read.words, read.asks) == ("Yes, see you.", Asks.OTHER)


@pytest.mark.parametrize(
    "words",
    [
        "Why did you start texting me again?",
        "who told you to start texting me again",
        "Did you start sending messages again",
        "When will you start sending reminders?",
        "you said you would stop but you resume texting me",
        "you start texting me again and I will sue",
        "quien les dijo que vuelvan a enviar mensajes",
    ],
)
def test_a_complaint_lifts_no_stop(words: str) -> None:
    assert meaning.read(words).asks is not meaning.Asks.START


@pytest.mark.parametrize(
    "words",
    [
        "Please start texting me again",
        "Can you start sending reminders again?",
        "I'd like you to start texting me again",
        "I want you to start texting me again",
    ],
)
def test_a_request_lifts_it(words: str) -> None:
    assert meaning.read(words).asks is meaning.Asks.START


@pytest.mark.parametrize(
    ("words", "danger"),
    [
        ("I took the whole bottle of pills", "overdose"),
        ("i swallowed a bottle of pills", "overdose"),
        ("I took 30 pills and I feel sleepy", "overdose"),
        ("took 40 tylenol", "overdose"),
        ("me tomé 30 pastillas", "overdose"),
        ("I have pills and im gonna take them", "suicide"),
        ("I wish I didnt wake up", "suicide"),
        ("me quiero quitar la vida", "suicide"),
        ("me voy a quitar la vida", "suicide"),
        ("estoy cansada de vivir", "suicide"),
        ("I drank a bottle of water", None),
        ("I took 20 minutes to get there", None),
        ("I will take them with food", None),
    ],
)
def test_what_was_done_is_heard_as_what_was_meant(words: str, danger: str | None) -> None:
    assert meaning.read(words).danger == danger


UNSEEN = ["\N{SOFT HYPHEN}", "\N{ZERO WIDTH SPACE}", "\N{ZERO WIDTH NON-JOINER}", "\N{WORD JOINER}", "\ufeff"]
UNSEEN += ["\N{COMBINING GRAPHEME JOINER}", "\N{VARIATION SELECTOR-16}", "\N{HANGUL FILLER}", "\x00"]


@pytest.mark.parametrize("letter", UNSEEN, ids=ascii)
def test_a_letter_that_nobody_sees_hides_nothing(letter: str) -> None:
    assert meaning.read_own(f"I want to ki{letter}ll my{letter}self").danger == "suicide"
    assert meaning.read_own(f"me quiero mo{letter}rir").danger == "suicide"
    assert meaning.read(f"ST{letter}OP").asks == Asks.STOP
    assert revealing.revealing_words(f"coun{letter}seling") == [f"coun{letter}seling".replace(letter, "")]


@pytest.mark.parametrize("letter", [each for each in UNSEEN[1:] if unicodedata.category(each) == "Cf"], ids=ascii)
def test_one_that_stands_for_a_space_joins_no_words(letter: str) -> None:
    assert meaning.read_own(f"I want{letter}to{letter}die").danger == "suicide"
    assert meaning.read_own(f"quiero{letter}mo\u00adrir").danger == "suicide"
    assert meaning.read_own(f"see you{letter}tonight").danger is None


def test_nor_does_a_letter_of_another_alphabet_or_shape() -> None:
    for words in (
        "І want tо kіll mуself",
        "I WANT TO КILL MYSELF",
        "𝐈 𝐰𝐚𝐧𝐭 𝐭𝐨 𝐊𝐈𝐋𝐋 𝐦𝐲𝐬𝐞𝐥𝐟",
        "Ｉ want to ｋｉｌｌ myself",
    ):
        assert meaning.read_own(words).danger == "suicide", ascii(words)


@pytest.mark.parametrize("words", ["I won't be here tomorrow", "mañana ya no estaré aquí", "I won’t be here anymore."])
@pytest.mark.parametrize("why", ["I'm traveling", "I have an appointment", "estoy de viaje", "tengo que trabajar"])
def test_whoever_will_not_be_here_is_heard_unless_a_plain_reason_is_given(words: str, why: str) -> None:
    for said in (words, f"I feel bad. {words}", f"STOP. {words}"):
        assert meaning.read(said).danger == "suicide", said
    for said in (f"{words}, {why}", f"{why}, {words}"):
        assert meaning.read(said).danger is None, said
    assert meaning.read(f"{why}. {'I said little and went home early. ' * 3}{words}").danger == "suicide"


@pytest.mark.parametrize("words", ["I want to kill myself", "I loaded my gun", "I won't be here tomorrow"])
def test_danger_is_heard_on_every_line_of_a_longer_text(words: str) -> None:
    assert meaning.read_own(f"Glad I went.\n{words}\nGood people").danger == "suicide"
