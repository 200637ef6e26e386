"""Words of someone in danger: suicide, self-harm, overdose, violence, in English and Spanish, as people type them.

When in doubt, the answer is yes: one text with two unneeded numbers harms no one. Sources: the warning signs of the 988
Suicide & Crisis Lifeline (988lifeline.org, “Know the Warning Signs”, and its Spanish page), of which these are spoken:
wanting to die or to kill oneself, looking for a way to (a gun, a bridge, pills), no reason to live, a burden to others,
unbearable pain, sleep without waking; and those of the SAMHSA Overdose Prevention and Response Toolkit (2024).
Everyday words stay what they are: a haircut, a cut finger, laughing oneself to death (tests/reminders/replies.py).
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
_NOT_MEANT = (
    r"(?! (?:of|from) (?:the )?(?:laugh\w*|boredom|curiosity|excitement|embarrassment|shame|hunger|thirst|heat)\b"
    r"| laughing\b| for (?:a|an|some|the|pizza|coffee)\b)"
)
# Nothing follows that says what else was meant.
_ENDS = r"(?=\W*$|\s*[.,!?;])"
# Their own body, or nothing more; not hair, nails, paper or a finger at the kitchen table.
_CUT = (
    r"(?=\W*$|\s*[.,!?;]| (?:otra vez|de nuevo|anoche|ayer|hoy|cuando|para|porque|y|a veces|mucho)\b"
    r"| (?:l[ao]s?|el|un|mis?) (?:venas?|munecas?|brazos?|antebrazos?|muslos?|piernas?|piel|cuerpo)\b)"
)
_MEANS_TO = r"(?:me (?:voy a|quiero|quisiera|pienso|tengo que|podria|puedo|debo))"
_FIGURE = r"(?! de (?:la |tanta )?(?:risa|verguenza|hambre|calor|frio|sueno|ganas|pena|sed|cansancio|aburrimiento)\b)"
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
        rf"|\b(?:been|started|keep|kept|back to) cutting(?: again)?{_ENDS}"
    ),
    Danger.SUICIDE: (
        r"\bsu[iy]?[csz]+[iy]?[cs]?[iy]+de?\w*|\bsuicid\w*"
        rf"|\bkill\w* {_SELF}\b|\bkil+ ?m[iy] ?s+e?l+[ef]\b|\bk\.?m\.?s\b|\bunaliv\w*"
        rf"|\b(?:hang|hanged|hung|hanging|shoot|shot|shooting|drown\w*|poison\w*) {_SELF}\b(?! in the foot)"
        rf"|\bk[1!]ll\w* {_SELF}\b|\b(?:to|gonna|wanna|could|should|might|will|i'?ll|just) off {_SELF}\b"
        rf"|\b(?:drink|drinking|use|using|starve|starving) {_SELF} to death\b"
        r"|\ba?sleep(?:ing)? and (?:just )?(?:never|not) (?:ever |have to )?wak(?:e|ing)\b(?! up (?:on|in) time)"
        r"|\b(?:want(?:ed)? to|wanna|wish i (?:could|would)|hope (?:to|i)) (?:just )?never (?:ever )?wake\b"
        r"|\bhop(?:e|ing) i (?:don'?t|do not|won'?t) wake\b(?! (?:up )?(?:late|early|too|so|at|in the middle)\b)"
        r"|\bhop(?:e|ing) i (?:just )?die\b"
        r"|\b(?:think|thinking|thought|thoughts|dream|dreaming) (?:a lot |often )?(?:about|of) (?:just )?(?:not"
        r"|no longer) (?:existing|living\b(?! (?:in|with|at|here|there))|being alive"
        r"|being (?:here|around)\b(?! (?:on|at|for|tomorrow|tonight|next|this|in|to|with)\b))"
        r"|\b(?:want(?:ed)?|wish|need)(?: for)? (?:(?:it|everything|my life|life) (?:all )?|this all "
        r"|all (?:of )?this )(?:to (?:just )?be|was|were) (?:all )?over\b(?! (?:by|at|before|soon|in|on|early)\b)"
        r"|\b(?:done|through|finished) (?:with )?(?:living|life|being alive|existing)\b"
        r"(?! (?:in|at|with|on|here|there|alone|insurance|skills|coach\w*)\b)"
        r"|\bwish i (?:wasn'?t|weren'?t|was not|were not) (?:here|alive|around|born)\b(?! (?:at|on|today)\b)"
        r"|\bwish i(?:'?d| had)? never (?:been )?born\b"
        r"|\bi(?:'?m| am| feel like|'?ve been|'?ve become) (?:like |such |just |only |nothing but )*a burden\b"
        r"(?! (?:was|is|has|had|got|lifted|off|gone)\b)"
        r"|\bno reason (?:to|for) (?:be|being|stay|staying|keep) (?:alive|here|living|going)\b"
        r"|\b(?:no|lost (?:the|my|all)|losing (?:the|my)) (?:will|desire) to (?:live|go on)\b"
        r"|\bwhat(?:'?s| is) the point (?:of|in) (?:living|life|being alive|going on)\b"
        r"|\b(?:my )?life (?:is|feels) (?:just |so )?(?:pointless|meaningless|hopeless)\b"
        rf"|\bfe(?:el|els|eling|lt) like dying\b{_NOT_MEANT}"
        r"|\bbetter (?:off )?(?:without me|if i (?:was|were|wasn'?t|weren'?t) (?:gone|dead|here|alive|around))\b"
        rf"|\b(?:want to|wanna|wish i could) (?:just )?disappear(?:{_ENDS}| forever| for good| from (?:this|the) world)"
        r"|\bend(?:ing)? (?:my|this|all (?:this|the|my)) (?:suffering|misery|pain)\b|\bnothing (?:is )?left for me\b"
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
        r"|\b(?:(?:going to|gonna|want to|wanna|will|i'?ll|could|might|may|about to) (?:kill|shoot|stab|hurt)"
        r"|(?:think|thinking|thought|thoughts) (?:about|of) (?:killing|shooting|stabbing|hurting)) (?:him|her|them|you"
        r"|someone|somebody|everyone|people|everybody"
        r"|my (?:wife|husband|boyfriend|girlfriend|partner|ex|kids?|child|children|son|daughter|mom|mother|dad|father"
        r"|brother|sister|boss|family))\b(?!'s)"
        r"|\b(?:has|have|got|with|bought|buying) (?:a|my|his|the) (?:gun|knife)\b(?! (?:show|range|license|shop))"
        r"|\bi(?:'?m| am) (?:in|not safe)(?: danger|\b)(?=$"
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
        r"|\bno pued[eo] respirar\b(?! de (?:la )?risa)|\bme inyecte (?:demasiad\w+|de mas)\b"
        rf"|\b(?:{_MEANS_TO} tomar|tomarme) (?:todas (?:las|mis) (?:pastillas|pildoras|medicinas)"
        r"|much\w+ (?:pastillas|pildoras)|(?:un|el|todo el) frasco\b)"
    ),
    Danger.SELF_HARM: (
        r"\b(?:hacerme|me hago|me hice) dano\b|\b(?:lastimarme|herirme|quemarme)\b"
        rf"|\b(?:cortarme|cortandome|me cort[eo]|me est(?:oy|aba) cortando|{_MEANS_TO} cortar)\b{_CUT}"
    ),
    Danger.SUICIDE: (
        rf"\bsuicid\w*|\bmatarme\b|\b{_MEANS_TO} (?:matar|morir|quitar la vida)\b{_FIGURE}"
        r"|\bme mato\b"
        r"|\b(?:quiero|quisiera|prefiero|deseo|ganas de|mejor) (?:estar )?(?:morir|morirme|muert[oa])\b"
        rf"{_FIGURE}|\bestar muert[oa]\b{_FIGURE}"
        r"|\b(?:cansad|hart)[oa] de (?:vivir(?! (?:aqui|alla|en|con)\b)|la vida|existir)\b|\bquitarme la vida\b"
        r"|\b(?:acabar|terminar|acabo|termino) con (?:mi vida|todo|esto de una vez)\b"
        r"|\bno quiero (?:vivir|seguir (?:viviendo|viva|vivo|asi|aqui)|estar viv[oa]"
        r"|estar aqui\b(?! (?:tan|hasta|mas tarde|hoy))|despertar(?! (?:al?|tan|temprano|tarde|en)\b)|existir)\b"
        r"|\b(?:ya )?no (?:puedo|aguanto|soporto) mas\b(?! (?:temprano|tarde(?! o temprano))\b)"
        r"|\bno puedo seguir\b|\bsin mi (?:estarian|estaran|estan) mejor\b"
        r"|\bno vale la pena (?:vivir|la vida|seguir (?:viv\w+|asi|aqui|adelante)|estar viv[oa])\b"
        r"|\b(?:vida|vivir) (?:ya )?no (?:vale|tiene sentido)\b|\bnadie me (?:va a extranar|extranar\w+"
        r"|echar\w* de menos)\b"
        rf"|\b(?:ahorcarme|me ahorc[oe]|me ahorque|{_MEANS_TO} (?:ahorcar|disparar)|dispararme)\b"
        rf"|\b(?:colgarme|{_MEANS_TO} colgar)(?:{_ENDS}| (?:de|del|con) (?:(?:un|una|el|la) )?(?:arbol|techo|viga"
        r"|soga|cuerda|lazo)\b)"
        rf"|\b(?:(?:pegar|dar|meter)me|me (?:doy|pego|meto)|{_MEANS_TO} (?:pegar|dar|meter)) un (?:tiro|balazo)\b"
        rf"|\b(?:(?:tirar|lanzar|aventar|arrojar)me|me (?:tiro|lanzo|aviento|arrojo)|saltar"
        rf"|{_MEANS_TO} (?:tirar|lanzar|aventar|arrojar)) (?:del?|desde|al?|por) (?:(?:el|la|las|un|una) )?(?:puente"
        r"|tren|metro|vias|ventana|balcon|techo|edificio|azotea|vacio)\b"
        r"|\bdormir(?:me)? (?:para siempre|y (?:ya )?(?:no|nunca) (?:volver a )?despertar)\b"
        r"|\bojala (?:ya )?(?:no|nunca) (?:me )?(?:despert\w+|amanec\w+|existi\w+|hubiera nacido"
        rf"|estuviera (?:aqui|viv[oa]))\b|\bojala (?:me )?(?:muri?e\w+|estuviera muert[oa])\b{_FIGURE}"
        rf"|\bmejor sin mi(?:{_ENDS}| (?:y|porque|si)\b)"
        r"|\b(?:ir|irme|desaparecer|salir|partir) (?:ya )?de este mundo\b"
        r"|\bno (?:quiero|quisiera|deseo) (?:estar|seguir|vivir) (?:mas )?en este mundo\b"
        rf"|\b(?:quiero|quisiera|ganas de) (?:ya )?desaparecer(?:{_ENDS}| para siempre\b| del mundo\b)"
        r"|\bno le (?:veo|encuentro|hallo) (?:(?:ningun|el|mas) )?sentido a (?:(?:la|mi) vida|vivir|seguir viviendo)\b"
        r"|\bno (?:tengo|hay|veo|encuentro) (?:(?:ningun|ninguna|mas|una) )?(?:razon(?:es)?|motivos?|ganas) (?:para"
        r"|de) (?:vivir|seguir viv\w+|existir)\b|\b(?:perdi\w*|sin) (?:las )?ganas de vivir\b"
        r"|\b(?:soy|me siento)(?: (?:solo|solamente|como))? una carga\b|\bsoy un estorbo\b"
        r"|\bpens(?:ando|ado|amientos?) (?:mucho )?(?:en|de) (?:morir|morirme|la muerte)\b"
        r"|\bpienso (?:mucho )?en (?:morir|morirme|la muerte)\b"
        rf"|\bno quiero seguir{_ENDS}|\bdejar de (?:existir|vivir)\b|\bme duele (?:vivir|existir)\b"
        r"|\bse quiere (?:matar|morir|quitar la vida)\b"
    ),
    Danger.VIOLENCE: (
        r"\bme (?:va|quiere|trata) (?:a |de )?(?:matar|pegar|lastimar)\b|\bme (?:esta|estan) (?:pegando|golpeando"
        r"|lastimando|ahorcando)\b"
        r"|\bme (?:pega|pego|golpea|golpeo|viol[oa]|amenaza|amenazo)\b|\b(?:en|corro) peligro\b|\bes una emergencia\b"
        r"|\b(?:tiene|tengo|trae|traigo) (?:una|un) (?:pistola|arma|cuchillo|rifle|escopeta)\b(?! de (?:agua|juguete))"
        r"|\b(?:compre|consegui) (?:una|un) (?:pistola|arma|rifle|escopeta)\b|\bllamen? al 911\b"
        r"|\b(?:lo|la|los|las) (?:voy a|quiero|quisiera) (?:matar|lastimar|apunalar)\b"
        r"|(?<!no )\b(?:voy a|quiero|quisiera|podria|puedo|pienso|ganas de) (?:(?:matar|lastimar|apunalar)l[oa]s?"
        r"|(?:matar|lastimar|herir) a \w+|dispararles?|hacerles? dano)\b"
        r"|\b(?:miedo|temo)\b.{0,16}\bque me (?:mate|golpee|pegue|haga dano)\b"
        r"|\bno me siento segur[oa]\b(?! (?:de|del|que|con)\b)"
        rf"|\bme estoy muriendo\b{_FIGURE}"
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
