"""Draws a sheet as a PDF with its own fonts (fonts/), so no character is lost."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import MethodReturnValue

from .codes import Code
from .drawn_signature import HEIGHT, WIDTH
from .sheet import Block, Sheet

FONTS = Path(__file__).resolve().parent / "fonts"
PLAIN, BOLD, WIDE = (FONTS / name for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DroidSansFallback.ttf"))
# Scripts that DejaVu has no letters for: Hindi (and Marathi, Nepali), and Thai. Each comes with its own bold.
OTHERS = {
    "devanagari": (FONTS / "NotoSansDevanagari-Regular.ttf", FONTS / "NotoSansDevanagari-Bold.ttf"),
    "thai": (FONTS / "NotoSansThai-Regular.ttf", FONTS / "NotoSansThai-Bold.ttf"),
}
_SHAPED = re.compile("[\u0900-\u097f\u0e00-\u0e7f]")  # their vowel signs go over, under and before other letters
_THAI = re.compile("[\u0e00-\u0e7f]")
_THAI_LETTER = "[\u0e40-\u0e44]?.[\u0e30-\u0e3a\u0e45-\u0e4e]*\\s*"
SIZES = (11.5, 10.5, 9.5, 8.5, 7.5, 6.5)  # points, tried in turn where a sheet has to stay on one page
MARGIN, NARROW = 18.0, 14.0  # mm
SMALL = 7.5
CODE, GAP = 27.0, 4.0  # mm: a square code, and what is left free beside it
MM = 25.4 / 72  # of a point
LEADING, TIGHT = 1.38, 1.22  # of the size
LEGEND = "Words in brackets with a U+ number stand for characters this font can’t print."


def pdf(sheet: Sheet, *, now: datetime.datetime) -> bytes:
    """The sheet as a PDF on Letter paper. Every page says whose it is, who printed it, and its page number.

    A one-page sheet shrinks its text until it fits. If even the smallest size does not fit, it continues on the next
    page: paper is cheaper than a lost step of a safety plan.
    """
    for size in SIZES if sheet.is_one_page else (9.5,):
        document = _Document(sheet, size=size, now=now)
        document.draw()
        if document.page_no() == 1:
            break
    return bytes(document.output())


@cache
def _letters(font: Path) -> frozenset[int]:
    """The characters that a font has."""
    with TTFont(font, lazy=True) as opened:
        return frozenset(opened.getBestCmap())


def printable(text: str) -> str:
    """The text with a name in brackets for each character that no font here has, instead of a box."""
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4))
    known = _letters(PLAIN)
    return "".join(each if each == "\n" or ord(each) in known else _otherwise(each) for each in plain)


def _otherwise(character: str) -> str:
    if any(ord(character) in _letters(font) for font in (WIDE, *(plain for plain, _ in OTHERS.values()))):
        return character
    if unicodedata.category(character) == "Cf" or 0xFE00 <= ord(character) <= 0xFE0F:
        return ""  # it only joins or colors its neighbors, which stay
    return f"[{unicodedata.name(character, 'character').lower()}, U+{ord(character):04X}]"


class _Document(FPDF):
    def __init__(self, sheet: Sheet, *, size: float, now: datetime.datetime) -> None:
        super().__init__(format="Letter", unit="mm")
        self.sheet = sheet
        self.size = size
        self.spread = MM * (TIGHT if sheet.is_one_page and size < 9 else LEADING)
        self.leading = size * self.spread
        self.has_brackets = False
        self.set_title(sheet.window or sheet.title)
        if sheet.whose:  # a sheet that is about nobody doesn't tell where it was made either
            self.set_creator("Onward")
        self.set_lang(sheet.language)
        self.set_creation_date(now)
        self.margin = NARROW if sheet.is_one_page else MARGIN
        self.set_margins(self.margin, self.margin, self.margin)
        self.set_auto_page_break(True, margin=self.margin + 5 + 4 * len(sheet.foot))
        self.add_font("text", "", PLAIN)
        self.add_font("text", "B", BOLD)
        fallbacks = ["text"]
        if self._needs_wide():
            self.add_font("wide", "", WIDE)
            fallbacks.append("wide")
        for name, (plain, bold) in OTHERS.items():
            if self._takes(plain):
                self.add_font(name, "", plain)
                self.add_font(name, "B", bold)
                fallbacks.insert(1, name)
        self.set_fallback_fonts(fallbacks, exact_match=False)

    def _needs_wide(self) -> bool:
        known = _letters(PLAIN)
        return any(ord(each) not in known for text in _texts(self.sheet) for each in text)

    def _takes(self, font: Path) -> bool:
        """Whether the sheet has letters that only this font has."""
        known, there = _letters(PLAIN), _letters(font)
        return any(ord(each) in there and ord(each) not in known for text in _texts(self.sheet) for each in text)

    def header(self) -> None:
        """Whose it is and what it is, on every page, because pages get separated. A draft is marked across the page."""
        if self.sheet.mark:
            self._across(self.sheet.mark)
        if self.sheet.whose:
            on = "" if self.page_no() == 1 else f" · {self.sheet.title}"
            self._words(self.sheet.whose + on, size=SMALL + 1, bold=True, gap=0 if self.sheet.mark else 3)
        if self.sheet.mark:
            self._words(self.sheet.mark, size=SMALL + 1, bold=True, gap=3)

    def footer(self) -> None:
        """Who printed it when, the notice, and the page's number."""
        self.set_y(-(self.margin + 2 + 4 * len(self.sheet.foot)))
        self.set_draw_color(150)
        self.line_across()
        for words in self.sheet.foot:
            self._words(words, size=SMALL, gap=0)
        self.set_font("text", "", SMALL)
        self.set_text_shaping(False)
        self.set_y(-self.margin + 1)
        self.cell(0, 4, self.sheet.page_words.format(self.page_no(), "{nb}"), align="R")

    def _across(self, words: str) -> None:
        """Words in pale letters from corner to corner, under the text."""
        top = self.get_y()
        self.set_text_shaping(False)
        self.set_font("text", "B", 54)
        width, middle, height = self.get_string_width(words), self.w / 2, self.h / 2
        with self.local_context(text_color=(228, 228, 228)), self.rotation(52, middle, height):
            self.text(middle - width / 2, height + 8, words)
        self.set_y(top)

    def line_across(self) -> None:
        """A thin rule from margin to margin."""
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.ln(1.5)

    def draw(self) -> None:
        """The whole sheet."""
        self.add_page()
        self.start_section(self.sheet.title)
        self._words(self.sheet.title, size=self.size + 6, bold=True, gap=1)
        self._words(self.sheet.lede, gap=3)
        for label, value in self.sheet.facts:
            self._fact(label, value)
        number = 0
        for block in self.sheet.blocks:
            number += not block.is_alarm
            self._block(block, f"{number}. " if self.sheet.is_numbered and not block.is_alarm else "")
        for who in self.sheet.to_sign:
            self._line_to_sign(who)
        if self.has_brackets:
            self._words(LEGEND, size=SMALL, gap=0)

    def _fact(self, label: str, value: str) -> None:
        top, width = self.get_y(), 34.0
        lines = self._measured(value, self.epw - width, self.size)
        if top + lines > self.page_break_trigger and lines < self.eph / 2:
            self.add_page()
            top = self.get_y()
        page = self.page
        self.set_font("text", "B", self.size - 1)
        self.multi_cell(width, self.leading, label, align="L", new_x="RIGHT", new_y="TOP")
        self.set_xy(self.l_margin + width, top)
        self._words(value, gap=0.6, indent=width)
        if page == self.page:
            self.set_y(max(self.get_y(), top + self.leading))

    def _block(self, block: Block, number: str) -> None:
        self.ln(self.leading * 0.55)
        keep = self.leading * 3 + (self._measured(block.text, self.epw, self.size) if block.is_alarm else 0)
        if self.will_page_break(keep):
            self.add_page()
        top = self.get_y()
        indent = 3.0 if block.is_alarm else 0.0
        if block.is_alarm:
            self.ln(1.5)
        if block.heading:
            self._words(f"{number}{block.heading}", size=self.size + 0.5, bold=True, gap=0.4, indent=indent)
        if block.detail:
            self._words(block.detail, size=self.size - 1.5, gap=0.6, indent=indent)
        self._drawn(block.strokes)
        self._facts(block)
        if block.text:
            self._words(block.text.strip(), gap=0, indent=indent, bold=block.is_alarm)
        for wording, detail in block.lines:
            self._words(f"–  {wording}", gap=0, indent=3)
            if detail:
                self._words(detail, size=self.size - 1.5, gap=0.8, indent=8)
        if block.is_alarm:
            self.ln(1.5)
            self.set_draw_color(0)
            self.rect(self.l_margin, top, self.epw, self.get_y() - top)

    def _facts(self, block: Block) -> None:
        """Facts on the left, codes in the upper right; below the facts if these went on to another page."""
        wide = len(block.codes) * (CODE + GAP)
        if block.codes and self.will_page_break(CODE + 4):
            self.add_page()
        top, page = self.get_y(), self.page
        self.set_right_margin(self.margin + wide)
        for label, value in block.facts:
            self._fact(label, value)
        self.set_right_margin(self.margin)
        below = self.get_y()
        if not block.codes:
            return
        if page != self.page:
            top = below
            if self.will_page_break(CODE + 4):
                self.add_page()
                top = self.get_y()
        for number, code in enumerate(block.codes):
            self._code(code, self.w - self.margin - wide + GAP + number * (CODE + GAP), top)
        self.set_xy(self.l_margin, max(below if page == self.page else top, top + CODE + 5))

    def _code(self, code: Code, left: float, top: float) -> None:
        """A code with its label under it; whoever reads the PDF on a phone can tap it."""
        square = CODE / code.side
        self.set_fill_color(0)
        for x, y, many in code.dark():
            self.rect(left + x * square, top + y * square, many * square, square, style="F")
        self.link(left, top, CODE, CODE, code.link, alt_text=code.label)
        self.set_xy(left, top + CODE - 1)
        self.set_font("text", "", SMALL)
        self.set_text_shaping(False)
        self.cell(CODE, 4, code.label, align="C")

    def _drawn(self, strokes: tuple[tuple[tuple[int, int], ...], ...]) -> None:
        if not strokes:
            return
        scale = 54.0 / WIDTH  # mm for a unit of the box
        if self.will_page_break(HEIGHT * scale):
            self.add_page()
        self.set_draw_color(0)
        with self.local_context(line_width=0.4):
            for stroke in strokes:
                self.polyline([(self.l_margin + x * scale, self.get_y() + y * scale) for x, y in stroke])
        self.ln(HEIGHT * scale)

    def _line_to_sign(self, who: str) -> None:
        if self.will_page_break(self.leading * 4):
            self.add_page()
        self.ln(self.leading * 2.4)
        self.set_draw_color(80)
        self.line(self.l_margin, self.get_y(), self.l_margin + 100, self.get_y())
        self.line(self.l_margin + 110, self.get_y(), self.w - self.r_margin, self.get_y())
        self.set_font("text", "", SMALL)
        self.cell(110, 4, who)
        self.cell(0, 4, "Date", new_x="LMARGIN", new_y="NEXT")

    def _measured(self, text: str, width: float, size: float) -> float:
        self.set_font("text", "", size)
        said = self._said(text)
        if _is_shaped(said):
            return self.leading * sum(1 for _ in self._lines(said, width))
        height = self.multi_cell(width, self.leading, said, align="L", dry_run=True, output=MethodReturnValue.HEIGHT)
        assert isinstance(height, float)
        return height

    def _said(self, text: str) -> str:
        """The text in a form that can be set.

        Scripts that join letters or run from right to left go through the shaping engine. Others do not, because it
        scatters their letters across the page for anyone who searches or copies the text.
        """
        said = printable(text)
        self.has_brackets = self.has_brackets or ", U+" in said
        # The pages of the product run from left to right, whatever a text begins with: so does the sheet.
        features = {"liga": False, "dlig": False, "clig": False}
        self.set_text_shaping(_is_shaped(said), features=features, direction="ltr" if _is_shaped(said) else None)
        return said

    def _lines(self, said: str, width: float) -> Iterator[str]:
        """The lines of a shaped text in reading order.

        Lines are broken before letters are put in display order, as in a browser. A word wider than a line is broken
        between letters.
        """
        for paragraph in said.split("\n"):
            line = ""
            for piece in _breakable(paragraph):
                if line and self.get_string_width(f"{line}{piece}".rstrip()) > width - 2 * self.c_margin:
                    yield line.rstrip()
                    line = ""
                line += piece
            yield line.rstrip()

    def _words(self, text: str, *, size: float = 0.0, bold: bool = False, gap: float, indent: float = 0.0) -> None:
        said = self._said(text)
        size = size or self.size
        self.set_font("text", "B" if bold else "", size)
        margin = self.l_margin
        self.set_left_margin(margin + indent)
        self.set_x(margin + indent)
        if _is_shaped(said):
            for line in list(self._lines(said, self.epw)):
                self.cell(0, size * self.spread, line, align="L", new_x="LMARGIN", new_y="NEXT")
        else:
            self.multi_cell(0, size * self.spread, said, align="L", new_x="LMARGIN", new_y="NEXT")
        self.set_left_margin(margin)
        self.set_x(margin)
        self.ln(gap)


def _is_shaped(said: str) -> bool:
    return bool(_SHAPED.search(said)) or any(unicodedata.bidirectional(each) in {"R", "AL"} for each in said)


def _breakable(paragraph: str) -> list[str]:
    """The pieces a line may break between: words, or for Thai, which has no spaces, letters with their marks."""
    pieces = re.findall(r"\S+\s*|\s+", paragraph)
    return [part for piece in pieces for part in (re.findall(_THAI_LETTER, piece) if _THAI.search(piece) else [piece])]


def _texts(sheet: Sheet) -> list[str]:
    """Every word of a sheet, to find out which letters it needs."""
    parts = [sheet.title, sheet.whose, sheet.lede, *sheet.foot, *sheet.to_sign]
    parts += [text for fact in sheet.facts for text in fact]
    for block in sheet.blocks:
        parts += [block.heading, block.text, block.detail, *(code.label for code in block.codes)]
        parts += [text for pair in (*block.lines, *block.facts) for text in pair]
    return parts
