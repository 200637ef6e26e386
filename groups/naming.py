"""Keeps members' names out of notes about a group, and out of notes about other members.

A note about a group must not identify a patient (42 CFR 2.12(a)(1)); a member's note must not identify another one.
cases.people.names defines what a name is, with any apostrophes, accents, hyphens and script, and nicknames. A nickname
that is not a word counts in lowercase too; a name that is also a word counts only when capitalized.

A refusal tells that somebody of that name is a member. It therefore quotes only what the writer sees anyway, and each
one is in the audit log under the member whose name was tried (`refusals_logged`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from cases.models import Client
from cases.models.visibility import not_kept_from
from cases.people import names
from cases.people.nicknames import also_called
from groups.models import GroupSession
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal

# Two capitals that mean something else far more often than a member.
ABBREVIATIONS = frozenset(
    re.findall(
        r"\w+",
        """AA AM BP CA CE DA DV ED ER GA GI GP HI HR IC ID IM IP IQ IT IV MA MD NA NP OA OK OP OT PA PM PT RN RX SA SI
        SU TB TV UA UK US""",
    )
)
# Names that are words too: only taken for a name when written with a capital.
WORDS = frozenset(
    re.findall(
        r"\w+",
        """april art august banks best bill black bond brown bush cash chase cherry coach cook cross dawn day faith
        field fields fox frank glad good grace grant gray green guy hall hill hope hunter ivy joy june king lane
        law al barb bert bob bud buddy cal chip chuck dale dee dick dolly don dot drew duke earl ed em gene gwen
        hal hank harry jack jean jimmy jo josh kat ken kit kitty lance les liz lou mat max mick mickey mike mo nan
        nat ned nick norm pat peg polly randy ray rob roger rusty sally skip sonny stew sue ted terry tim tom val
        vi vic wade walt ward cliff lily little long love mark marks may miles moody moon north olive page parks
        patience peace pearl penny person piper powers price prince reed rich rivers rock rose ruby rush sage
        sample sandy savage sharp short sky small smart snow star stone storm strong summer summers temple test
        walker waters wells west white will winter winters wise wolf wood woods young""",
    )
)


# Names of a few letters that hold sentences together. At the beginning of a sentence their capital says nothing; within
# one it does. Written with its own marks (“Ân”, “Đỗ”), such a name is taken for one anywhere.
SMALL_WORDS = frozenset(
    re.findall(
        r"\w+",
        """a am an and any are as at be but by can did do does for from go got had has have he her him his how i if
        in is it its let man many me men mine my no nor not of off oh on one or our out own per see she so sun
        than that the their them then they thi this to too two un up us was we were what when who why yes you your""",
    )
)
# How Chinese and Japanese name someone by the family name alone, without a space.
_TITLES = "先生|女士|小姐|太太|老师|老師|同学|同學|医生|醫生|哥|姐|さん|様|君|ちゃん|씨|님"


class NamesSomebody(Refusal):
    """Members can be recognized in the text: `named` are these, and `unseen` is whether not all are quoted."""

    def __init__(self, sentence: str = "", *, named: Iterable[Client] = (), unseen: bool = False) -> None:
        super().__init__(sentence)
        self.named, self.unseen = list(named), unseen


def check(text: str, members: Iterable[Client], *, by: StaffMember, whose: str = "members") -> None:
    """Refuse text that holds a name or initials of one of these people, whether or not they let others name them.

    The sentence quotes the names of clients whom the writer (`by`) sees, and of others what a roster shows.
    """
    named = [member for member in members if names_in(text, [member])]
    if not named:
        return
    found, shown = names_in(text, named), names_in(text, _as_shown(named, by))
    words = ", ".join(f"“{word}”" for word in found if word in shown)
    unseen = not set(found) <= set(shown)
    which = ": ".join(filter(None, (whose, words))) + (", and all others" if words and unseen else "")
    raise NamesSomebody(
        f"Remove names and initials of {which}. Write “a member” instead. If it is an ordinary word, use a different "
        "word.",
        named=named,
        unseen=unseen,
    )


@contextmanager
def refusals_logged(session: GroupSession, *, by: StaffMember) -> Iterator[None]:
    """Log under each member that a text was refused for their name: outside every transaction, which it would end."""
    try:
        yield
    except NamesSomebody as refusal:
        for client in refusal.named:
            with act("groups.refuse_name", by=by, client=client, on_merged=True) as entry:
                entry.about(session, unseen=refusal.unseen)
        raise


def _as_shown(members: list[Client], by: StaffMember) -> list[Client]:
    """The members as this person sees them: whole, by what a roster shows, or not at all."""
    numbers = [member.pk for member in members]
    seen = set(Client.objects.visible_to(by).filter(pk__in=numbers).values_list("pk", flat=True))
    on_roster = set(Client.objects.filter(not_kept_from(by, "pk"), pk__in=numbers).values_list("pk", flat=True))
    return [member if member.pk in seen else _on_roster(member) for member in members if member.pk in seen | on_roster]


def _on_roster(member: Client) -> Client:
    """What `Client.roster_name` says: first name and initial, or nothing."""
    if not member.named_by_others:
        return Client()
    return Client(given_name=member.preferred_name or member.given_name, family_name=member.family_name[:1])


def names_in(text: str, members: Iterable[Client]) -> list[str]:
    """The words of a text that can be read as a name or the initials of one of these people, each once, in order."""
    plain = names.bare(text)
    hits: dict[int, str] = {}
    for member in members:
        for pattern, name in _patterns(member):
            for match in re.finditer(pattern, plain, re.IGNORECASE):
                if not _is_a_word(name, match, plain, text):
                    hits[match.start()] = match.group()
        for initials in _initials(member):
            first, last = initials
            if first + last in ABBREVIATIONS:
                continue
            for match in re.finditer(rf"(?<![\w.])(?:{first}\.\s?{last}\.?|{first}{last})(?![\w])", plain):
                hits.setdefault(match.start(), match.group().strip())
    return list(dict.fromkeys(hits[start] for start in sorted(hits)))


def _is_a_word(name: str, match: re.Match[str], plain: str, text: str) -> bool:
    """Whether the match is an ordinary word here and not a name."""
    said = match.group()
    if name in WORDS and said.islower():
        return True
    if name not in SMALL_WORDS:
        return False
    if len(plain) == len(text) and text[match.start() : match.end()] != said:
        return False  # with the marks of the name
    opens_sentence = re.search(r"(?:^|[.!?:;\n\r“\"(•–-])\s*$", plain[: match.start()]) is not None
    if not said[:1].isupper():
        return True
    if said.isupper() and len(said) > 1:
        return _is_shouted(plain, match)
    if name == "an" and opens_sentence:
        return re.match(r"\s+[aeiouh]", plain[match.end() :], re.IGNORECASE) is not None
    return opens_sentence


def _is_shouted(plain: str, match: re.Match[str]) -> bool:
    """Whether the whole line is in capitals, so capitals do not indicate a name."""
    line = plain[plain.rfind("\n", 0, match.start()) + 1 :].partition("\n")[0]
    return line.isupper() and len(line.split()) > 2


def _patterns(member: Client) -> Iterator[tuple[str, str]]:
    """The patterns to search for, each with its name in lowercase."""
    for name in sorted(_names(member)):
        if names.is_unspaced(name):
            yield from ((pattern, name) for pattern in _unspaced(name))
        else:
            between = r"[^\w\n]{0,3}"  # “O’Brien”, “O Brien”, “OBrien”
            letters = between.join(re.escape(word) for word in names.words(name))
            yield rf"(?<!\w){letters}(?!\w)", names.joined(name)


def _unspaced(name: str) -> Iterator[str]:
    """Patterns for scripts that put no space around a name.

    Two letters or more match anywhere; one letter matches if it is alone, after 小, 老 or 阿, or before a title.
    """
    letters = names.joined(name)
    if len(letters) > 1:
        yield re.escape(letters)
    else:
        yield rf"(?<!\w){letters}(?!\w)|{letters}(?={_TITLES})|[小老阿]{letters}"


def _names(member: Client) -> set[str]:
    """Whole names, their parts except particles, and nicknames for these first names."""
    found: set[str] = set()
    firsts = (member.given_name, member.preferred_name)
    for name in (*firsts, member.family_name, member.former_family_name):
        whole = names.plain(name).strip()
        if len(whole) >= 2 or names.is_unspaced(whole):
            found.add(whole)
        found |= {part for part in re.split(r"[\s\-]+", whole) if len(part) >= 3 and part not in names.PARTICLES}
    for name in firsts:
        for word in (name, *names.words(name)):
            found |= {other for other in also_called(word) if len(other) > 1}
    if names.is_unspaced(member.family_name) and member.given_name:
        found.add(names.joined(member.family_name + member.given_name))
    return {name for name in found if names.joined(name)}


def _initials(member: Client) -> set[tuple[str, str]]:
    firsts = {names.bare(name)[:1].upper() for name in (member.given_name, member.preferred_name) if name}
    lasts = {names.bare(name)[:1].upper() for name in (member.family_name, member.former_family_name) if name}
    return {(first, last) for first in firsts for last in lasts if first.isalpha() and last.isalpha()}
