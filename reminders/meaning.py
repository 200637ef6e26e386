"""What a reply asks for: no more messages, messages again, or something a person has to read.

47 CFR 64.1200(a)(10): stop, quit, end, revoke, opt out, cancel, unsubscribe or any other reasonable wording revokes. A
clear request takes effect at once. A possible one is read by a person the same day and has no effect by itself: taking
away a reminder that someone relies on does harm, too. Danger is checked first: “I want to end it all” opts no one out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from reminders import crisis_words, letters
from reminders.crisis_words import Danger
from reminders.own_words import own_words


class Asks(StrEnum):
    """The request in a reply."""

    STOP = "stop"
    START = "start"
    HELP = "help"  # the keyword of text messages: whom to call
    UNCLEAR = "unclear"  # perhaps no more messages: a person finds out
    OTHER = "other"  # not about messages: a person reads it


class Besides(StrEnum):
    """Other problems that a STOP may mention."""

    WRONG_NUMBER = "wrong_number"  # the number on record belongs to someone else
    VISIT = "visit"  # “Cancel” may mean the visit


class Answer(StrEnum):
    """The answer to a message about a visit, as a keyword and nothing else. CANCEL is never one: it means STOP."""

    CONFIRM = "confirm"
    YES = "yes"  # a confirmation if the last message was about the visit, and anything at all otherwise
    RESCHEDULE = "reschedule"
    CANNOT_COME = "cannot_come"


@dataclass(frozen=True)
class Reading:
    """A parsed reply: `words` are the person's own; `bare` if it is a keyword and nothing else.

    `besides` is what a STOP may say besides the messages, for a person to find out.
    """

    words: str
    asks: Asks
    bare: bool = False
    danger: Danger | None = None
    language: str = "en"
    besides: Besides | None = None
    answer: Answer | None = None


def read(text: str, ours: Iterable[str] = ()) -> Reading:
    """Understand a reply. Quotes, signatures and our own sentences (`ours` too) are cut first."""
    return read_own(own_words(text, ours))


def read_own(words: str) -> Reading:
    """Understand words that are somebody's own from beginning to end, such as a line typed on a page."""
    plain = plain_text(words)
    if found := crisis_words.find(plain) or crisis_words.find(plain_text(letters.spaced(words))):
        danger, language = found
        return Reading(words, _beside_danger(plain), danger=danger, language=language)
    besides = Besides.WRONG_NUMBER if _WRONG_NUMBER.search(plain) else None
    keyword = _without_courtesy(plain)
    if keyword in _STOP_KEYWORDS and not plain.rstrip().endswith("?"):
        return Reading(words, Asks.STOP, bare=True, besides=Besides.VISIT if keyword in _PERHAPS_THE_VISIT else besides)
    if keyword in _START_KEYWORDS:
        return Reading(words, Asks.START, bare=True)
    if keyword in _HELP_KEYWORDS:
        return Reading(words, Asks.HELP, bare=True, language="es" if keyword == "ayuda" else "en")
    if answer := _ANSWERS.get(keyword) or (Answer.YES if _OKAY.match(plain) else None):
        return Reading(words, Asks.OTHER, bare=True, answer=answer)
    asks = _about_messages(plain)
    if (asks == Asks.OTHER and _BEGINS_WITH_STOP.match(plain)) or _STOP_AND_A_NAME.match(words):
        asks = Asks.STOP  # “STOP. Thanks for all, Robin”
    return Reading(words, asks, besides=besides if asks == Asks.STOP else None)


def is_spanish(words: str) -> bool:
    """Whether a reply about messages is written in Spanish, keyword or sentence.

    What is said in both languages (“stop”, “cancel”, “no”) says nothing about it.
    """
    plain = plain_text(words)
    return bool(_STOP_SPANISH.search(plain) or _SPANISH_WORDS.search(plain))


def _beside_danger(plain: str) -> Asks:
    """Other requests from someone in danger. Only plain words about messages count; a keyword may mean anything.

    A person asks about such a keyword, so it is not lost.
    """
    rest = crisis_words.without(plain)
    asks = _about_messages(rest)
    if asks == Asks.OTHER and _BEGINS_WITH_STOP.match(plain):
        return Asks.UNCLEAR
    return asks if asks in {Asks.STOP, Asks.UNCLEAR} else Asks.OTHER


def plain_text(words: str) -> str:
    """Small plain letters (`reminders.letters`), straight apostrophes, single spaces; line ends become stops."""
    words = words.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace("`", "'").replace("\N{ACUTE ACCENT}", "'")
    return " ".join(letters.plain(re.sub(r"\s*\n\s*", " . ", words)).lower().split())


_COURTESY = re.compile(
    r"\b(?:please|pls|plz|plse|thanks(?: (?:for|so)\b.*| a lot)?|thank you\b.*|thx|now|ok|okay|hi|hello|hey|just"
    r"|sorry|immediately|asap"
    r"|and|por favor|x favor|gracias|ya|hola|favor|ahora|me)\b"
)


def _without_courtesy(plain: str) -> str:
    """The keyword without “please”, punctuation and doubled letters: “Stopp!!” is “stop”."""
    bare = " ".join(re.sub(r"[^\w\s]|_", " ", plain.replace("-", " ").replace("'", "")).split())
    if bare in _STOP_KEYWORDS | _START_KEYWORDS:
        return bare
    bare = re.sub(r"^(?:st+o+p+ )+(?=st+o+p+$)", "", " ".join(_COURTESY.sub(" ", bare).split()))
    return re.sub(r"^st+o+p+$", "stop", re.sub(r"^(?:s t o p|stpo|sotp|st0p|tsop)$", "stop", bare))


def _phrases(listed: str) -> frozenset[str]:
    return frozenset(each.strip() for line in listed.strip().split("\n") for each in line.split("|"))


_STOP_KEYWORDS = _phrases(
    """
    stop|stopall|stop all|stop it|stop this|stop that|stop already|stop stop|stop everything|quit|end|revoke
    opt out|optout|opt me out|cancel|cancel all|unsubscribe|unsubscribe me|unsuscribe|unsubcribe|unsubscribed
    remove|remove me|no more|no more of this|no mas|nomas|alto|basta|parar|pare|paren|detener|detengan
    detenganse|cancelar|cancelen|baja|dar de baja|darse de baja|darme de baja|de baja|arret|desuscribir
    desuscribirme|lose my number|lose this number|leave alone|wrong number|wrong person|numero equivocado
    no contact|do not contact|delete|delete my number|salir|no texts|no messages|no mensajes
    stop all of it|stop all of this|stop all this|stop all that|cease desist|borrenme|borreme|borrame|quitenme
    quiteme|quitame|saquenme|saqueme|sacame|eliminenme|elimineme|eliminame
    """
)
_PERHAPS_THE_VISIT = _phrases("cancel|cancelar|cancelen")
_WRONG_NUMBER = re.compile(r"\bwrong (?:number|person)\b|\b(?:numero|persona) equivocad[oa]\b")
_START_KEYWORDS = _phrases(
    """
    start|unstop|un stop|start again|restart|resume|opt in|optin|opt back in|opt me in|opt me back in|subscribe
    resubscribe|start over|start all|continue|continue texts|empezar|comenzar|reanudar|iniciar|empezar de nuevo
    comenzar de nuevo|empiecen|reiniciar|suscribir|suscribirme|alta|dar de alta
    """
)
_SPANISH_WORDS = re.compile(
    r"\b(?:alto|basta|nomas|no mas|par(?:ar|en?|a)|det(?:ener|engan?(?:se)?)|cancel(?:ar|en)|baja|desuscribir(?:me)?"
    r"|(?:borr|quit|saqu|sac|elimin)(?:a|e|en)me|equivocad[oa]|mensajes?|recordatorios?|correos?|ayuda|empezar|comenzar"
    r"|reanudar|iniciar|empiecen|reiniciar|suscribir(?:me)?|alta|por favor|gracias|hola|quiero|deseo|quien|ya no|salir"
    r"|numero)\b"
)
_HELP_KEYWORDS = _phrases("help|info|ayuda")

_ANSWERS = {
    **dict.fromkeys(_phrases("c|confirm|confirmed|i confirm|confirmo|confirmado|confirmar"), Answer.CONFIRM),
    **dict.fromkeys(
        _phrases(
            """
            y|yes|yep|yeah|yup|si|claro|yes i will|i will be there|ill be there|yes i will be there|yes ill be there
            i am coming|im coming|yes i am coming|yes im coming|see you then|see you there|si voy|alli estare|ahi estare
            """
        ),
        Answer.YES,
    ),
    **dict.fromkeys(_phrases("r|reschedule|change|move|another time|reprogramar|cambiar|otra hora"), Answer.RESCHEDULE),
    **dict.fromkeys(
        _phrases(
            "x|cant come|cannot come|cant make it|i cant come|i cannot come|i cant make it|i cannot make it|no puedo ir"
            "|no puedo|no voy"
        ),
        Answer.CANNOT_COME,
    ),
}

_OKAY = re.compile(r"^\W*(?:ok|okay|1)\W*$")  # elsewhere a courtesy

_FILL = (
    r"(?: (?:me|us|all|of|these|this|those|that|the|your|any|any ?more|more|sending|getting|receiving|with|to|out"
    r"|please|my|phone"
    r"|automated|auto|stupid|annoying|ever|again|daily|out|number))*"
)
_MESSAGES = (
    r"(?:text|texts|texting|txt\w*|sms|messag\w*|msgs?|e-?mail\w*|mails?|remind\w*|contact|contacting|notif\w*"
    r"|sending|send|write|writing"
    r"|call|calls|calling|bother\w*|spam\w*|ping\w*)"
)
_STOP = re.compile(
    r"(?<!bus )(?<!the )(?<!next )(?<!first )(?<!last )\b(?:stop+|quit|cease|end|cancel|revoke|no more"
    rf"|enough(?: of)?|don'?t|do not|dont|never){_FILL} {_MESSAGES}\b"
    r"|\b(?:don'?t|dont|do not|not|no longer|didn'?t) (?:want|need|wish|care)(?: to)?(?: (?:get|receive|have|hear"
    rf"|see|be))?(?: from you)?{_FILL}"
    rf" (?:{_MESSAGES}|contacted|texted|emailed|messaged|reminded)\b"
    r"|\b(?:don'?t|dont|do not|never) want to hear from (?:you|this)\b|\bno longer interested in (?:these|your)\b"
    r"|\bunsubscribe\b|\bopt(?:ing|ed)?(?: me)?[ -]?out\b(?! of (?:the )?(?:group|program|class|meeting))"
    r"|^\W*(?:please )?leave me (?:the \w+ )?alone\b|\bwrong (?:number|person)\b|\bstop bothering\b|\b(?:lose|forget"
    r"|delete|erase|remove) (?:my|this) (?:number|phone|e-?mail|address|contact)"
    r"|\bi (?:revoke|withdraw)(?: my)?(?: (?:consent|permission|authori[sz]ation)|\W*$)"
    r"|\bcease (?:and|&) desist\b|\b(?:stop+|quit|cease) using (?:this|my|the|that) (?:(?:phone |cell |mobile )?number"
    r"|e-?mail(?: address)?)\b"
    r"|\b(?:remove|take|delete) me(?: off)?(?: from)? (?:this|the|your|these|all) ?(?:\w+ ){0,1}(?:list|lists|texts?"
    r"|messages?|reminders?|e-?mails?|system|mailing list)\b"
    r"|^\W*(?:please )?(?:take me off|remove me from|delete me from) (?:this|these|it)\b"
)
_STOP_SPANISH = re.compile(
    r"\b(?:no mas|nunca mas|basta de|ya no mas)(?: (?:mas|los|sus|estos|de|me|mis|por favor|tantos))* (?:mensajes?"
    r"|mensajitos|textos?|sms|correos?|emails?|recordatorios?|llamadas?)\b"
    r"|\b(?:(?:ya )?no|nunca|nunca mas|jamas) me (?:vuelvan a |vuelva a |mas )?(?:envi\w+|mand\w+|escrib[aei]\w*"
    r"|contact\w+|llamen|llame|llamar|texte\w*|textear|molest\w+)\b"
    r"|\b(?:deje|dejen|deja|dejar|pare|paren|parar|para) (?:ya )?de (?:enviar|mandar|escribir|contactar|llamar"
    r"|textear|molestar|mensaje)\w*"
    r"|\b(?:ya )?no (?:quiero|deseo|quisiera|necesito)(?: (?:mas|recibir|sus|los|estos|que me (?:manden|envien)|de"
    r"|otros))* (?:mensajes?|textos?|sms|correos?|emails?|recordatorios?|llamadas?)\b"
    r"|\b(?:no quiero que|no deseo que) me (?:escriban|contacten|llamen|envien|manden|molesten|texteen)\b"
    r"|\b(?:numero|persona) equivocad[oa]\b|\b(?:borr\w+|elimin\w+|quit\w+|saqu\w+) (?:mi (?:numero|correo|email"
    r"|telefono)|me de (?:la|su|esta) lista)"
    r"|\b(?:ya )?no (?:mand|envi)(?:es?|en)(?: (?:mas|los|sus|estos|esos|tus|de|otros|tantos|por favor))* (?:mensajes?"
    r"|mensajitos|textos?|sms|correos?|emails?|recordatorios?)\b|\bno (?:mand|envi)(?:es?|en) (?:mas|nada)\W*$"
    r"|\b(?:borr|saqu|sac|quit|elimin)(?:a|e|en)me (?:ya )?de (?:(?:la|tu|su|esta|sus|tus) (?:lista(?! de espera)"
    r"|mensajes|contactos)|esto|eso|aqui|ahi)\b"
    r"|\bdej[ea]n?me (?:en paz|tranquil[oa])\b"
    r"|\b(?:darme|denme|deme|dar) de baja\b|\bcancel\w+ (?:los|mis|estos|sus) (?:mensajes|recordatorios|textos|correos)"
)
_NEGATED = re.compile(
    r"\b(?:never|don'?t|dont|do not|please don'?t|didn'?t|won'?t|not) (?:ever |you |please |say |want (?:you |this "
    r"|these |the \w+ |them )?to |text me )?(?:stop|quit|end|cancel|unsubscribe|opt)\b"
    r"|\bno (?:dej[ea]n?|par[ea]n?|cancel\w+) (?:de|los|nunca)\b|\bno (?:quiero|deseo) (?:que )?(?:dejen|dejar|paren"
    r"|cancelar)\b|\bdon'?t leave me alone\b"
    r"|\bnon-?stop\b"
)
_LIMITED = re.compile(
    r"\b(?:before|after|until|till|unless|if|when|while|during|at (?:work|night|home|this number)|in the (?:morning"
    r"|evening|mornings|evenings)|on (?:weekends?|mondays?"
    r"|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?)|today|tomorrow|tonight|this week|right now|yet"
    r"|so (?:many|much|often|early|late)|except|only|other than"
    r"|but keep|keep the|keep sending|as (?:many|much|often)|twice|too often|for a while|for now|antes|despues|hasta"
    r"|si no|cuando|mientras|en el trabajo|de noche|solo|excepto"
    r"|tan (?:temprano|tarde|seguido)|tantos|por ahora|about|instead of|then|i think|maybe|perhaps|creo|quiza)\b"
)
_INVITES = re.compile(
    r"\b(?:text|message|msg|e-?mail|write(?: to)?|escriban?me|manden?me|textee?n?me) ?(?:me|us)? (?:instead|only"
    r"|please|any ?time|en (?:vez|lugar)|mejor)\b|\bmejor (?:escriban|manden|envien)\w*"
    r"|\b(?:just|only|rather) (?:text|message|msg|e-?mail|write(?: to)?) me\b"
)
# “Don't call me, text me”: another way is asked for in a clause of its own.
_INVITES_ALONE = re.compile(
    r"^(?:please |just |only |rather |and |so |mejor |solo |por favor )*(?:(?:text|message|msg|e-?mail"
    r"|write(?: to)?) me|escrib\w+me|mand\w+me|envi\w+me|textee?n?me)\b"
)
_ASKED = re.compile(
    r"\b(?:do|did|does|have|has|had|will|would|are|is|can|should|may) (?:you|i|they|it|we|he|she|this"
    r"|these)\b(?!.*\bplease\b)"
    r"|\b(?:why|what if|what happens|how come)\b"
)
_ASKED_TO = re.compile(r"^\W*(?:(?:hi|hello|hey|ok)\W+)?(?:can|could|will|would) (?:you|u|y'?all|someone|somebody)\b")
_START = re.compile(
    r"\b(?:start|restart|resume|begin|continue|keep|turn on|turn back on)(?: (?:sending|texting|getting|me|my|the"
    rf"|your|these|back|to|on|again))* {_MESSAGES}(?: me)?(?: again| back)?\b"
    rf"|\b(?:send|text|message|e-?mail|remind)(?: me)?(?: the| my| your)?(?: {_MESSAGES})? again\b"
    r"|\bopt me (?:back )?in\b|\bsign me (?:back )?up\b|\bput me back on\b"
    r"|\bi(?:'d)? (?:want|would like|like|need)(?: to (?:get|receive))?(?: the| my| your| these)? (?:texts|messages"
    r"|reminders|e-?mails)(?: again| back)\b"
    r"|\b(?:vuelvan|vuelva|volver|empiecen|empezar|comiencen|reanud\w+) (?:a )?(?:enviar|mandar|escribir|recordar"
    r"|los|mis|sus)\w*(?: (?:mensajes|recordatorios|los|mis))*"
    r"|\bquiero (?:volver a recibir|recibir(?: (?:los|sus|mis|otra vez|de nuevo))*) ?(?:mensajes|recordatorios"
    r"|textos|correos)"
)
_KEEP = re.compile(r"\b(?:keep|continue)\b")
_NOT = re.compile(r"\b(?:don'?t|do not|dont|never|not|no)\b")
# The law's word by itself, then thanks or a name; not “Stop? What is this” and not “alto ahí”.
_BEGINS_WITH_STOP = re.compile(
    r"^\W*(?:please )?(?:stop+|unsubscribe|basta)(?: please)?(?:\s*[.!,;]|\s+[-\u2013\u2014]+\s)"
    r"|^\W*(?:stop+|unsubscribe) (?:and )?(?:thanks|thank you)\b"
)
# Signed without a mark: “STOP robin”, “Stop Robin Sample”; not “Stop by” and not “STOP using”.
_STOP_AND_A_NAME = re.compile(
    r"^\W*(?:STOP+|[Ss]top+(?=\s+[A-Z]))\s+(?!\w+ing\b)(?!(?i:by|in|over|at|for|off|on|to|sign|light|here|there|it|if|when"
    r"|what|who|why|how|is|was|and|or|but|bus|him|her|them|us|me|you|my|your|the|a|an|not|never|then|till|until"
    r"|before|after|today|tomorrow|tonight|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|so|with)\b)"
    r"(?:[A-Z]?[^\W\d_A-Z]+)(?:\s+[A-Z][^\W\d_A-Z]+)?[\s.!]*$"
)
_PERHAPS = re.compile(
    r"\b(?:stop+|unsubscribe|opt(?:ing|ed)?[ -]?out|revoke|no more|not interested|leave me|take me off|remove me"
    r"|enough (?:texts|messages|already|is enough)|too many (?:texts|messages|reminders|e-?mails)"
    r"|annoying|spam|harass\w*|who is this|basta|alto|no mas|ya no|parar?n?|pare|cancelar|cancelen|baja"
    r"|no me interesa|dejen de|quien es|(?:do not|don'?t|never|no longer|didn'?t|not) (?:give )?(?:my )?consent(?:ed)?"
    r"|no (?:consiento|autorizo|doy (?:mi )?(?:consentimiento|permiso))|(?:borr|saqu|sac|quit|elimin)(?:a|e|en)me)\b"
    r"|\b(?:cancel|end|quit) (?:these|this|those|them|all of (?:it|this|these))(?=\W*$|[.,!?;]|"
    r" (?:please|now|right|all)\b)"
    rf"|\b(?:done|fed up|sick|tired)(?: and tired)? (?:with|of)(?: (?:all|getting|receiving|these|this|your|the"
    rf"|those|so|many))* {_MESSAGES}\b"
    rf"|\b(?:quit|end|cancel|don'?t|do not|dont|never){_FILL} {_MESSAGES}\b|^\W*(?:quit|end|cancel|cancelar)\b(?! my"
    r"| the| our| this| today| tomorrow| mi| la)"
)
_A_VISIT = re.compile(
    r"\b(?:cancel|end|quit) (?:my|the|our|this|today'?s|tomorrow'?s) (?:appointment|visit|call|session|ride)\b"
)
_NOT_ABOUT_MESSAGES = re.compile(
    r"\b(?:bus|train|metro|truck|next|first|last|pit|full|subway|tram) stop\b|\bstop (?:by|in|over|at|for|off|on"
    r"|sign|light|using|drinking|smoking|vaping|taking|crying|thinking|being|doing"
    r"|shaking|worrying|the (?:medication|meds|pills|medicine)|my (?:medication|meds|pills|medicine))\b"
    r"|\b(?:until|till|by|at|the) (?:the )?end\b|\bquit (?:my job|using|drinking|smoking|work)\b|\b(?:paro"
    r"|parada) (?:de|del)\b|\bcancelar (?:mi|la) cita\b"
    r"|\bdejar de (?:usar|consumir|beber|tomar|fumar)\b|\bpara (?!de )|\bcasa baja\b|\bstops\b"
)


_TOLD_OFF = re.compile(
    r"\b(?:why|who|when|how come|how dare|por que|quien|quienes|cuando)\b"
    r"|(?<!want )(?<!like )(?<!need )\byou (?:said|told|promised|start|restart|resume|begin|continue)\b"
)


def _about_messages(plain: str) -> Asks:
    """The request in a text longer than a keyword: every clause is checked, and a clear one decides."""
    plain = _A_VISIT.sub(" ", plain)
    if _NEGATED.search(plain):
        rest = _NEGATED.sub(" | ", plain)
        return Asks.UNCLEAR if _asks_to_stop(rest) or _PERHAPS.search(rest) else Asks.OTHER
    parts = _parts(plain)
    if stops := [part for part in parts if _asks_to_stop(part)]:
        invited = _INVITES.search(plain) or any(map(_INVITES_ALONE.match, parts))
        return Asks.UNCLEAR if any(map(_is_doubtful, stops)) or invited else Asks.STOP
    if _START.search(plain) and not _NOT.search(plain):
        doubtful = any(_is_doubtful(part) for part in parts if _START.search(part)) or _complains(plain)
        return Asks.OTHER if _KEEP.search(plain) or doubtful else Asks.START
    if _BEGINS_WITH_STOP.match(plain):
        return Asks.OTHER
    return Asks.UNCLEAR if _PERHAPS.search(_NOT_ABOUT_MESSAGES.sub(" ", plain)) else Asks.OTHER


def _complains(plain: str) -> bool:
    """“Why did you start again?” asks for nothing: only a request cancels a stop."""
    return bool(_TOLD_OFF.search(plain)) and not _ASKED_TO.search(plain)


def _asks_to_stop(part: str) -> bool:
    return bool(_STOP.search(part) or _STOP_SPANISH.search(part))


def _is_doubtful(part: str) -> bool:
    """Whether it limits the request, or asks about it."""
    return bool(_LIMITED.search(part)) or (bool(_ASKED.search(part)) and not _ASKED_TO.search(part))


def _parts(plain: str) -> list[str]:
    """Sentences and clauses: a comma or a period separates them."""
    return [part.strip() for part in re.split(r"[.!?;,:\n\"()]+|\bbut\b|\bpero\b|\s-+\s", plain) if part.strip()]
