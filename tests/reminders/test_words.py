"""Which words give something away, in both languages, in addresses, too; and how long a text message is."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from reminders import languages, segments, sender_addresses, wording
from reminders.kinds import KINDS
from reminders.languages import Language, day_in
from reminders.revealing import revealing_in_address, revealing_words
from reminders.wording import SAMPLE, render

REVEALING = [
    "Your IOP is at 9",
    "MAT visit tomorrow",
    "your mat visit",
    "Vivitrol on Monday",
    "Ｄｒｕｇ test",  # full-width letters
    "co\u200bunseling",  # a letter of no width inside
    "th\u00aderapy",
    "\u202ere\u2060hab",
    "rеhab",  # a Cyrillic letter
    "drug_test",
    "SMART meeting Tuesday",
    "SMART Tuesday at 7",
    "CA at 7 PM",
    "NA at 7 PM",
    "the 12-step room",
    "la clínica",
    "su tratamiento",
    "consejería a las 9",
    "alcohólicos anónimos",
    "recaída",
    "metadona",
    "su terapeuta",
    "grupo de hoy",
    "desintoxicación",
    "prueba de orina",
    "Narcotics Anonymous Hall",
    "the Nar-Anon room",
    "Friends of Bill W. Hall",
    "Alano Club",
    "at the Intergroup office",
    "Doble A",
    "an Oxford House",
]
NEUTRAL = [
    "We are in Oakland, CA",
    "Boston,MA 02118",
    "SMART goals for the week",
    "Bring your SMART phone",
    "Reminder: you have an appointment on Saturday, Mar 7 at 10:00 AM.",
    "Su cita es el martes 3 de mar, 10:00 AM.",
    "Call (555) 010-0199",
    "Mama called",
    "Bill Wexample will call",
    "Ask for Mara",
]


@pytest.mark.parametrize("text", REVEALING)
def test_what_gives_something_away_is_caught(text: str) -> None:
    assert revealing_words(text)


@pytest.mark.parametrize("text", NEUTRAL)
def test_what_can_not_is_let_through(text: str) -> None:
    assert revealing_words(text) == []


@pytest.mark.parametrize(
    "address",
    [
        "desk@recovery-clinic.org",
        "desk@bridgewayrecovery.org",
        "Appointments <no-reply@hope-sober-living.com>",
        "detox.desk@example.org",
        "desk@lakeside.clinic",
        "iop@example.org",
        "Hope Recovery <desk@example.org>",
        "citas@centrodetratamiento.example",
        "desk@suboxone4u.example",
    ],
)
def test_an_address_is_taken_apart_and_read(address: str) -> None:
    assert revealing_in_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "desk@bridgeway.ca",
        "Appointments <no-reply@localhost>",
        "desk@smith-group.com",
        "front.desk+12@lakeside.org",
        "",
    ],
)
def test_an_address_that_says_nothing(address: str) -> None:
    assert revealing_in_address(address) == []


def test_deployment_says_which_address_gives_something_away(settings) -> None:  # type: ignore[no-untyped-def]
    settings.DEFAULT_FROM_EMAIL = "Appointments <desk@recovery-clinic.org>"
    settings.REMINDER_REPLY_TO = ""
    (said,) = sender_addresses.neutral_addresses(None)
    assert "DEFAULT_FROM_EMAIL" in said.msg
    assert "“recovery”" in said.msg
    settings.DEFAULT_FROM_EMAIL = "Appointments <desk@lakeside.example>"
    assert sender_addresses.neutral_addresses(None) == []


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("client_")])
@pytest.mark.parametrize("language", Language)
def test_the_products_words_are_neutral_and_one_text_message(kind: str, language: Language) -> None:
    body = KINDS[kind].said.within(language)
    wording.validate_body(body)
    for weekday in ("Monday", "Wednesday", "Saturday"):
        text = render(body, {**SAMPLE, "day": day_in(language, f"{weekday}, Sep 30")})
        assert revealing_words(text) == []
        sent = segments.length(text)
        assert (sent.segments, sent.strangers) == (1, ())
        assert len(text) <= wording.LONGEST
    assert "STOP" in body


def test_spanish_days() -> None:
    assert day_in(Language.SPANISH, "Wednesday, Sep 30") == "miércoles 30 de sep"
    assert day_in(Language.SPANISH, "tomorrow") == "tomorrow"
    assert day_in(Language.ENGLISH, "Wednesday, Sep 30") == "Wednesday, Sep 30"


@pytest.mark.parametrize(
    ("said", "language"),
    [("Spanish", "es"), ("español", "es"), (" Castellano ", "es"), ("Spanish, some English", "es"), ("English", "en"),
     ("Vietnamese", "en"), ("English and Spanish", "en"), ("", "en")],
)  # fmt: skip
def test_the_language_on_the_record(said: str, language: str) -> None:
    from cases.models import Client

    assert languages.of(Client(language=said)) == language


class TestLength:
    def test_gsm_7(self) -> None:
        assert segments.length("a" * 160).segments == 1
        assert segments.length("a" * 161).segments == 2
        assert segments.length("a" * 307).segments == 3
        assert segments.length("€" * 80).units == 160
        assert segments.length("€" * 81).segments == 2

    def test_one_character_outside_it_makes_it_seventy(self) -> None:
        assert segments.length("ñéü" + "a" * 157).segments == 1
        assert segments.length("😀" + "a" * 68).segments == 1
        assert segments.length("😀" + "a" * 69).segments == 2
        assert segments.length("😀").strangers == ("😀",)

    def test_accents_that_it_lacks_are_sent_without(self) -> None:
        assert segments.as_text_message("Más tarde, así: “sí” – ¿cómo está usted?") == (
            'Mas tarde, asi: "si" - ¿como esta usted?'
        )
        assert segments.length("á" * 160).segments == 1

    @given(st.text(max_size=400))
    def test_what_is_measured_is_what_is_sent(self, text: str) -> None:
        sent = segments.as_text_message(text)
        assert segments.as_text_message(sent) == sent
        found = segments.length(text)
        assert found == segments.length(sent)
        assert found.fits == (found.units <= (70 if found.strangers else 160))
        assert (found.segments - 1) * (67 if found.strangers else 153) < max(found.units, 1)


@given(st.sampled_from(["counseling", "drug", "sobriety", "tratamiento", "Vivitrol"]), st.data())
def test_nothing_unseen_hides_a_word(word: str, data: st.DataObject) -> None:
    """Zero-width characters anywhere, full-width letters, and accents on any letter."""
    unseen = st.sampled_from(["", "\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u0301"])
    hidden = "".join(
        (chr(ord(each) + 0xFEE0) if data.draw(st.booleans()) else each) + data.draw(unseen) for each in word
    )
    assert revealing_words(f"Your {hidden} today")


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    revealing_words(text)
    revealing_in_address(text)


def test_a_wording_for_texts_is_one_text() -> None:
    with pytest.raises(ValidationError, match="makes this 2 text messages"):
        wording.validate_text_message(
            "See you {day} at {time} 😀 and please bring the paper that we gave you last time"
        )
    with pytest.raises(ValidationError, match="2 text messages"):
        wording.validate_text_message("€" * 81)
    wording.validate_text_message("See you {day} at {time}.")
