"""Words of someone in danger: suicide, self-harm, overdose, violence, in English and Spanish, as people type them.

When in doubt, the answer is yes: one text with two unneeded numbers harms no one. Sources: the warning signs of the 988
Suicide & Crisis Lifeline (988lifeline.org) and of the SAMHSA Overdose Prevention and Response Toolkit (2024).
"""

from __future__ import annotations

import re
from enum import StrEnum


class Danger(StrEnum):
    """The kind of danger in a reply, worded to complete a sentence."""

    SUICIDE = "suicide"
    SELF_HARM = "self_harm"
    OVERDOSE = "overdose"
    VIOLENCE = "violence"


_SELF = r"(?:m[iy] ?s+e?l+[ef]?e?|me self)"
# Taken as prescribed: said of medicine, of a day or a time, and nothing after it. “Took all my meds” alone is no such.
_AS_PRESCRIBED = (
    r"(?! (?:of )?(?:my|the) (?:\w+ )?(?:meds?|medicines?|medications?|doses?) (?:today|yesterday|on time"
    r"|this (?:morning|afternoon|evening)|as (?:prescribed|directed|told|usual))\s*(?:$|[.,!;]"
    r"(?!.*\b(?:at once|together|die|sleep\w*)\b)))"
    r"(?! (?:day|morning|night|week|afternoon)\b)"
)
_NOT_MEANT = r"(?! (?:of|from) (?:laugh\w*|boredom|curiosity|excitement)\b| laughing\b)"
_EARLY = r"(?: (?:so|too|that|this|very))? early\b"
_ENGLISH = {
    Danger.OVERDOSE: (
        r"overdos\w*|over dos\w*|\bo\.?d\.?'?(?:d|ed|ing)\b|^\W*od\W*$|\btook (?:all\b"
        rf"{_AS_PRESCRIBED}|too many\b|too much\b|a (?:bunch|lot|handful|bottle) of\b)"
        r"|\b(?:took|taken|swallowed|downed|drank) (?:the|my|a|an) (?:(?:whole|entire|full) )?(?:bottle|pack|box)\b"
        r"(?! of (?:water|soda|pop|juice|milk))"
        r"|\b(?:took|taken|swallowed) (?:like |about |over )?\d{2,} (?!minutes|mins|days|hours|weeks|steps|mg\b)\w+"
        r"|\b(?:going to|gonna|want to|wanna|will|i'?ll|might|could|about to) (?:take|swallow|down) (?:them all\b"
        r"|all of them\b|all (?:of )?(?:my|the|these|those) (?:pills|tablets|meds)\b(?! (?:today|as)\b)"
        r"|(?:the|my|a) (?:whole )?bottle\b)"
        r"|\b(?:can'?t|cannot|can not|couldn'?t|won'?t|barely|hardly|unable to) (?:stay|keep|remain) (?:awake"
        r"|conscious)\b"
        r"|\bkeeps? (?:on )?(?:passing out|nodding o(?:ut|ff))\b"
        r"|(?:not|isn'?t|stopped|can'?t|cannot) breath\w*|\b(?:won'?t|not|can'?t|doesn'?t) (?:wake|waking)\b"
        rf"(?! up{_EARLY})|turning blue|unresponsive"
    ),
    Danger.SELF_HARM: (
        rf"\b(?:cut|cutting|hurt|hurting|harm|harming|burn|burning|injur\w+) {_SELF}\b|self ?-?(?:harm|injur)\w*"
        r"|\b(?:cut|slit|slash)\w* my (?:wrists?|arms?)"
    ),
    Danger.SUICIDE: (
        r"\bsu[iy]?[csz]+[iy]?[cs]?[iy]+de?\w*|\bsuicid\w*"
        rf"|\bkill\w* {_SELF}\b|\bkil+ ?m[iy] ?s+e?l+[ef]\b|\bk\.?m\.?s\b|\bunaliv\w*"
        rf"|\b(?:hang|hanging|shoot|shooting|drown|drowning) {_SELF}\b"
        r"|\b(?:want(?:ed)?|wanna|wanting|wish|ready|going|gonna|rather|need|prefer) (?:2|to"
        r"|i could)? ?(?:just )?(?:die|b dead|be dead)\b"
        rf"{_NOT_MEANT}"
        r"|\b(?:life|living)(?:'?s| is| was)?(?: just| really)?(?: not| no longer| never|n'?t| isn'?t| ain'?t)(?: \w+)?"
        r" worth\b|\b(?:not|isn'?t|ain'?t|no longer|nothing) worth (?:living|being (?:alive|here))\b"
        r"|\bno ?(?:one|body)(?:'?d|'?ll| would| will)?(?: even| ever| really)? (?:miss(?:es)? me\b"
        r"|(?:care|notice)s? if i (?:die|died|was|were|am|'?m)\b)"
        r"|\b(?:want(?:ed)? to|wanna|going to|gonna|ready to|time to|need to|will|i'?ll"
        r"|how to) (?:just )?end (?:all )?things\b(?! (?:with (?!me\b)|at|on|by|early))"
        r"|\bwish i (?:didn'?t|did not|wouldn'?t|never) (?:wake|woke)\b"
        r"|\b(?:going to|gonna|want to|wanna|will|i'?ll|about to) take (?:them|these|the pills|my pills)\b(?! as\b|"
        r" (?:to|with|at|in|on|every|twice|once|when|after|before)\b)"
        r"|\bwish i (?:was|were|am) (?:dead|never born|gone)\b|\bbetter off (?:dead|without me)\b"
        r"|\bi should (?:just )?die\b"
        r"|\bend(?:ing)? (?:it|my (?:own )?life|my pain|this life|everything)(?: all)?(?!\w| (?:up|at|on|of|by|early))"
        r"|\bend(?:ing)? it all\b|\btak(?:e|ing) my (?:own )?life\b|\bnot? (?:want|wanna) (?:to )?(?:live|be alive"
        r"|exist)\b"
        r"|\b(?:don'?t|dont|do not|didn'?t|no longer) (?:want to|wanna) (?:live|be here|be alive|exist|wake up|go on)\b"
        rf"(?!(?<=wake up){_EARLY})"
        r"|\bno (?:reason|point)(?: in| to|) (?:liv\w+|going on|go on|to live)|\bnothing (?:left )?to live for"
        r"|\btired of (?:living|life|being alive)"
        r"|\b(?:can'?t|cant|cannot|can not|couldn'?t) (?:go on|live|take (?:it|this)|do (?:this|it|life)"
        r"|keep going)(?: like this)?"
        r"(?: any ?more| no more| much longer|$)|\bcan'?t go on\b|\bcant go on\b|\bgoodbye (?:forever|world|everyone"
        r"|everybody)\b"
        r"|\bjump(?:ing)? (?:off|in front of)\b"
    ),
    Danger.VIOLENCE: (
        r"\b(?:hit|hits|hitting|beat|beats|beating|chok\w+|strangl\w+|rap(?:ed|ing)|stab\w*|attack\w+"
        r"|threaten\w*) (?:me|us)\b"
        r"|\bhurting me\b|\b(?:going to|gonna|wants? to|trying to|tried to|threat\w* to|will) (?:kill|hurt|shoot"
        r"|stab) (?:me|us)\b(?! if i)"
        r"|\b(?:going to|gonna|want to|wanna|will|i'?ll|could) (?:kill|shoot|stab|hurt) (?:him|her|them|you|someone"
        r"|somebody|everyone|people|everybody)\b"
        r"|\b(?:has|have|got|with) (?:a|my|his|the) (?:gun|knife)\b|\bi(?:'?m| am) (?:in|not safe)(?: danger|\b)(?=$"
        r"| danger|\W)"
        r"|\bin danger\b|\bnot safe\b|\bafraid for my life\b|\bcall 911\b|^\W*911\W*$|\bi was raped\b"
        r"|\b(?:this is|it'?s|have) an emergency\b|\bi(?:'?m| am) dying\b(?! (?:to|of laugh|laugh))"
    ),
}
# Without accents: the text is compared without them.
_SPANISH = {
    Danger.OVERDOSE: (
        r"\bsobredosis\b|\bme tome (?:todas|todo|demasiad\w+|much\w+ (?:pastillas|pildoras))"
        r"|\bme tom[eo] \d{2,} (?:pastillas|pildoras)\b"
        r"|\btom[eo] (?:much\w+|demasiad\w+|tod\w+ (?:las|mis)|varias|un (?:monton|punado"
        r"|frasco) de) (?:pastillas|pildoras)\b"
        r"|\bme tom[eo] un (?:monton|punado|frasco) de\b|\bno (?:respira|despierta|reacciona)\b"
    ),
    Danger.SELF_HARM: (
        r"\b(?:hacerme|me hago|me hice) dano\b|\b(?:cortarme|lastimarme|herirme|quemarme)\b|\bme (?:corto"
        r"|corte las)\b"
    ),
    Danger.SUICIDE: (
        r"\bsuicid\w*|\bmatarme\b|\bme (?:quiero|quisiera|voy a|tengo que|pienso) (?:matar|morir|quitar la vida)\b"
        r"|\bme mato\b"
        r"|\b(?:quiero|quisiera|prefiero|deseo|ganas de|mejor) (?:estar )?(?:morir|morirme|muert[oa])\b"
        r"|\bestar muert[oa]\b"
        r"|\bcansad[oa] de (?:vivir|la vida)\b|\bquitarme la vida\b"
        r"|\b(?:acabar|terminar|acabo|termino) con (?:mi vida|todo|esto de una vez)\b"
        r"|\bno quiero (?:vivir|seguir (?:viviendo|viva|vivo|asi|aqui)|estar (?:aqui|viv[oa])|despertar)\b"
        r"|\b(?:ya )?no (?:puedo|aguanto|soporto) mas\b(?! (?:temprano|tarde(?! o temprano))\b)"
        r"|\bno puedo seguir\b|\bsin mi (?:estarian|estaran|estan) mejor\b"
        r"|\bno vale la pena (?:vivir|la vida|seguir (?:viv\w+|asi|aqui|adelante)|estar viv[oa])\b"
        r"|\b(?:vida|vivir) (?:ya )?no (?:vale|tiene sentido)\b|\bnadie me (?:va a extranar|extranar\w+"
        r"|echar\w* de menos)\b"
    ),
    Danger.VIOLENCE: (
        r"\bme (?:va|quiere|trata) (?:a |de )?(?:matar|pegar|lastimar)\b|\bme (?:esta|estan) (?:pegando|golpeando"
        r"|lastimando|ahorcando)\b"
        r"|\bme (?:pega|pego|golpea|golpeo|viol[oa]|amenaza|amenazo)\b|\b(?:en|corro) peligro\b|\bes una emergencia\b"
        r"|\btiene (?:una|un) (?:pistola|arma|cuchillo)\b|\bllamen? al 911\b|\b(?:lo|la|los) voy a matar\b"
        r"|\bme estoy muriendo\b"
    ),
}
_DANGERS = [
    (danger, language, re.compile(patterns[danger]))
    for danger in (Danger.OVERDOSE, Danger.SUICIDE, Danger.SELF_HARM, Danger.VIOLENCE)
    for language, patterns in (("en", _ENGLISH), ("es", _SPANISH))
]


def find(plain: str) -> tuple[Danger, str] | None:
    """The danger in a text and its language (`en`, `es`); None if there is none.

    `plain` is in lowercase without accents, with straight apostrophes (reminders.meaning).
    """
    for danger, language, pattern in _DANGERS:
        if pattern.search(plain):
            return danger, language
    return None


def without(plain: str) -> str:
    """The text without anything about danger, to see what else it asks for."""
    for _, _, pattern in _DANGERS:
        plain = pattern.sub(" ", plain)
    return plain
