"""How long a text message is: 160 characters of the GSM-7 alphabet, or 70 if one character is outside it.

3GPP TS 23.038, 6.2.1. Some characters of GSM-7 count two. The alphabet has é, ñ, ü, à, ì, ò and ù, but not á, í, ó and
ú: one of those would cut a message to 70 characters, so texts are sent without these accents (emails keep them).
"""

from __future__ import annotations

from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_COUNT_TWO = frozenset("^{}\\[~]|€\f")
_PLAIN = str.maketrans(
    {
        **dict(zip("áíóúÁÍÓÚÀÈÌÒÙâêîôûç", "aiouAIOUAEIOUaeiouÇ", strict=True)),
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{HORIZONTAL ELLIPSIS}": "...",
        "\N{NO-BREAK SPACE}": " ",
        "\N{NARROW NO-BREAK SPACE}": " ",
    }
)
GSM, GSM_OF_MANY = 160, 153  # of several segments each has a header
UCS2, UCS2_OF_MANY = 70, 67


@dataclass(frozen=True)
class Length:
    """A text message's length. `units` are what the network counts; `strangers` are characters outside GSM-7."""

    units: int
    segments: int
    strangers: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether it is one message."""
        return self.segments <= 1


def as_text_message(text: str) -> str:
    """What is sent as a text: accents that GSM-7 lacks, curly quotes and long dashes made plain."""
    return text.translate(_PLAIN)


def length(text: str) -> Length:
    """How long a text is as a text message, as it is sent."""
    sent = as_text_message(text)
    strangers = tuple(dict.fromkeys(each for each in sent if each not in _BASIC and each not in _COUNT_TWO))
    if strangers:
        units = len(sent.encode("utf-16-le")) // 2
        return Length(units, _segments(units, UCS2, UCS2_OF_MANY), strangers)
    units = sum(2 if each in _COUNT_TWO else 1 for each in sent)
    return Length(units, _segments(units, GSM, GSM_OF_MANY))


def _segments(units: int, alone: int, of_many: int) -> int:
    return 1 if units <= alone else -(-units // of_many)
