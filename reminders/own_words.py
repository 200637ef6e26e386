"""The person's own words in a reply: without quotes, signature, and forwards.

This uses no library. mail-parser-reply and email-reply-parser were tested on what mail programs send: the first keeps a
whole quote when the reply is below it, and neither knows the Spanish headers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from html.parser import HTMLParser

from reminders import wording

# It may be wrapped, and has no blank line in it: “Le pido a Dios que me lleve” above a quote is no heading of one.
_WROTE = re.compile(
    r"^\s*(?:On|El|Le|Am)\b(?=.*[\d@<])(?:(?!\n[ \t]*\n).){0,250}\b(?:wrote|escribi[óo]|a [ée]crit|schrieb)\s*:\s*$",
    re.IGNORECASE | re.DOTALL,
)
_WROTE_ON_A_DAY = re.compile(r"^\s*(?:On|El)\b.{0,250}\b(?:wrote|escribi[óo])\s*:\s*$", re.IGNORECASE)
_REST_IS_NOT_THEIRS = re.compile(
    r"^\s*(?:[-_*]{2,}\s*(?:original message|forwarded message|mensaje original|mensaje reenviado|forwarded by)\b.*"
    r"|begin forwarded message:?|inicio del mensaje reenviado:?|_{10,}|-{10,}|--\s*"
    r"|confidentiality notice.*|aviso de confidencialidad.*|th(?:is|e) (?:e-?mail|message)(?: and any|,? is intended"
    r"| may contain).*)\s*$",
    re.IGNORECASE,
)
_FROM = re.compile(r"^\s*\*?(?:From|De|Desde|Von)\s*:\*?\s", re.IGNORECASE)
_SENT = re.compile(r"^\s*\*?(?:Sent|Date|To|Subject|Enviad[oa](?: el)?|Fecha|Para|Asunto)\s*:\*?\s", re.IGNORECASE)
_BY_THE_PROGRAM = re.compile(
    r"^\s*(?:(?:sent|enviado) (?:from|via|desde|con|mediante) (?:my |mi )?\S.{0,40}|(?:get|obtener) outlook (?:for"
    r"|para) .*)$",
    re.IGNORECASE,
)
_OPT_OUT_LINE = re.compile(
    r"\(?\b(?:reply|text|send|responda|env[ií]e)\W+(?:with\W+|con\W+)?STOP\W+(?:to|para)\W+"
    r"(?:opt[ -]?out|stop|end|cancel|unsubscribe|quit|cancelar|no recibir m[áa]s)\b[.!)\"']*",
    re.IGNORECASE,
)


def own_words(text: str, ours: Iterable[str] = ()) -> str:
    """The person's own new words, one line for each of theirs.

    `ours` are other wordings we send, with their variables in braces; the product's own are known. Quotes are removed
    wherever they are, so a reply below a quote is read too.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\N{NO-BREAK SPACE}", " ").split("\n")
    own: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if _REST_IS_NOT_THEIRS.match(line) or _begins_a_header(lines, at):
            break
        if length := _length_of_wrote(lines, at):
            at += length
            if not _is_marked(lines, at):
                break  # the quote has no marks: all below it may be ours
            continue
        if not line.lstrip().startswith((">", "&gt;")) and not _BY_THE_PROGRAM.match(line):
            own.append(line)
        at += 1
    return _without_ours("\n".join(own), ours)


def text_of_html(html: str) -> str:
    """An HTML email as its reader sees it, without marked quotes. Never raises."""
    reader = _Reader()
    try:
        reader.feed(html)
        reader.close()
        text = "".join(reader.parts)
    except Exception:  # the library gives up on some declarations, such as “<![foo[x]]>”
        text = _without_tags(html)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _without_tags(html: str) -> str:
    """Rather with a quote in it than not read at all: our own sentences are known and cut later."""
    html = re.sub(r"<!?\[[^>]*>|<!\w*\[?", " ", re.sub(r"(?is)<(style|script|head|blockquote)\b.*?</\1\s*>", " ", html))
    html = re.sub(r"(?i)<(?:/?(?:p|div|tr|li|h\d)|br)\b[^>]*>", "\n", html)
    return unescape(re.sub(r"<[^<>]*>", " ", html))


def _begins_a_header(lines: list[str], at: int) -> bool:
    """Outlook's “From: … Sent: …” above a message that it answers."""
    return bool(_FROM.match(lines[at])) and any(_SENT.match(line) for line in lines[at + 1 : at + 4])


def _length_of_wrote(lines: list[str], at: int) -> int:
    """How many lines “On …, … wrote:” takes here, since mail programs wrap it; 0 if there is none."""
    if _WROTE_ON_A_DAY.match(lines[at]) and _is_marked(lines, at + 1):
        return 1
    for length in (1, 2, 3):
        if _WROTE.match("\n".join(line.lstrip("> ") for line in lines[at : at + length])):
            return length
    return 0


def _is_marked(lines: list[str], at: int) -> bool:
    following = next((line for line in lines[at:] if line.strip()), "")
    return following.lstrip().startswith((">", "&gt;"))


def _without_ours(text: str, ours: Iterable[str]) -> str:
    bodies = sorted({*wording.SENT_BY_US, *(body for body in ours if len(body) >= 15)}, key=len, reverse=True)
    for body in bodies:
        text = re.sub(_as_sent(body), " ", text, flags=re.IGNORECASE)
    text = _OPT_OUT_LINE.sub(" ", text)
    return "\n".join(line for line in (" ".join(line.split()) for line in text.split("\n")) if line)


def _as_sent(body: str) -> str:
    """A pattern for a wording with any short text for its variables, however its lines are wrapped."""
    pieces = re.split(r"\{\w*\}", body)
    return r"\S.{0,40}?".join(r"\s+".join(map(re.escape, re.split(r"\s+", piece))) for piece in pieces)


class _Reader(HTMLParser):
    """Text with line breaks at blocks; quotes, styles and scripts left out."""

    _BLOCKS = frozenset({"p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "hr", "blockquote"})
    _VOID = frozenset({"br", "hr", "img", "meta", "link", "input", "col", "area", "base", "wbr", "source", "embed"})
    _SILENT = frozenset({"style", "script", "head", "title", "blockquote"})
    _QUOTE = re.compile(
        r"gmail_(?:quote|attr|signature)|yahoo_quoted|moz-(?:cite-prefix|signature)|protonmail_quote|^signature$", re.I
    )
    # Outlook marks where the quoted message begins, but not where it ends.
    _REST = re.compile(r"divRplyFwdMsg|appendonsend|reply-intro|mail-editor-reference-message", re.I)

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._open: list[str] = []  # elements inside the outermost one that is left out, itself first
        self._rest = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name: value or "" for name, value in attrs}
        self._rest = self._rest or bool(self._REST.search(names.get("id", "")))
        if tag in self._BLOCKS and not self._open:
            self.parts.append("\n")
        if tag in self._VOID:
            return
        if tag == "blockquote" and not self._open:
            self.parts.append("> \n")  # a quote with marks: the text below it is theirs
        if self._open or tag in self._SILENT or self._QUOTE.search(names.get("class", "")):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open and self._open.pop() != tag:
                pass
        elif tag in self._BLOCKS and not self._open:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._open and not self._rest:
            self.parts.append(data.replace("\n", " "))
