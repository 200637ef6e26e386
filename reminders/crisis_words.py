"""Words of someone in danger: suicide, self-harm, overdose, violence, in English and Spanish, as people type them.

When in doubt, the answer is yes: one text with two unneeded numbers harms no one. Sources: the warning signs of the 988
Suicide & Crisis Lifeline (988lifeline.org, “Know the Warning Signs”, and its Spanish page), of which these are spoken:
wanting to die or to kill oneself, looking for a way to (a gun, a bridge, pills), no reason to live, a burden to others,
unbearable pain, sleep without waking, goodbyes, a weapon at hand; and those of the SAMHSA Overdose Prevention and
Response Toolkit (2024).
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


# As typed in a hurry: “myslef”, “mysefl”, “my self”, “meself”.
_SELF = r"(?:m[iy]? ?s+(?:e?l+[ef]{0,2}|ef+l?|fel)|me ?self)"
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
_MANY = (
    r"(?:ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty"
    r"(?:[ -]\w+)?|(?:a |one )?hundreds?|(?:a |two )?dozens?)"
)
_PILLS = (
    r"(?:\w+ )?(?:pills?|tabs?|tablets?|capsules?|xan\w*|percs?|norcos?|tylenols?|advils?|aspirins?|oxy\w*|meds|bars)"
)
_MUCHAS = r"(?:\d{2,}|diez|once|doce|quince|veint\w*|treinta|cuarenta|cincuenta|sesenta|cien|una docena de)"
# Nothing follows that says what else was meant.
_ENDS = r"(?=\W*$|\s*[.,!?;])"
# Their own body, or nothing more; not hair, nails, paper or a finger at the kitchen table.
_CUT = (
    r"(?=\W*$|\s*[.,!?;]| (?:otra vez|de nuevo|anoche|ayer|hoy|cuando|para|porque|y|a veces|mucho)\b"
    r"| (?:l[ao]s?|el|un|mis?) (?:venas?|munecas?|brazos?|antebrazos?|muslos?|piernas?|piel|cuerpo)\b)"
)
_MEANS_TO = r"(?:me (?:voy a|quiero|quisiera|pienso|tengo que|podria|puedo|debo))"
_FIGURE = r"(?! de (?:la |tanta )?(?:risa|verguenza|hambre|calor|frio|sueno|ganas|pena|sed|cansancio|aburrimiento)\b)"
# Whoever says goodbye until another day, or with a greeting, only ends the message.
_UNTIL_THEN = r"(?!.*\b(?:hasta (?:el|la|manana|luego|pronto)|nos vemos|saludos?|abrazos?)\b)"
_EARLY = r"(?: (?:so|too|that|this|very))? early\b"
_ENGLISH = {
    Danger.OVERDOSE: (
        r"overdos\w*|over dos\w*|\bo\.?d\.?'?(?:d|ed|ing)\b|^\W*od\W*$|\bi(?:'?m| am| was)?(?: just| almost"
        r"| nearly)? od\b|\btook (?:all\b"
        rf"{_AS_PRESCRIBED}|too many\b|too much\b|a (?:bunch|lot|handful|bottle) of\b)"
        r"|\b(?:took|taken|swallowed|downed|drank) (?:the|my|a|an) (?:(?:whole|entire|full) )?(?:bottle|pack|box)\b"
        r"(?! of (?:water|soda|pop|juice|milk))"
        r"|\b(?:took|taken|swallowed) (?:like |about |over )?\d{2,} (?!minutes|mins|days|hours|weeks|steps|mg\b)\w+"
        rf"|\b(?:took|taken|swallowed|downed) (?:like |about |over |almost |maybe )*{_MANY} (?:of (?:my|the|them"
        rf"|those) )?"
        rf"{_PILLS}\b"
        r"|\b(?:shot|slammed|injected|snorted)(?: up)? (?:way )?too much\b|\b(?:used|did|had) (?:way )?too much (?:dope"
        r"|fent\w*|heroin|h|meth|coke|cocaine|crack|oxy\w*|percs?|xan\w*|benzos?|tranq|speed|methadone)\b"
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
        r"|\bi (?:just |only |did )?cut(?: (?:last night|tonight|today|yesterday|this (?:morning|evening)|again"
        rf"|(?:so |too )?deep))+(?:{_ENDS}| (?:and it|because|when)\b)"
    ),
    Danger.SUICIDE: (
        r"\bsu[iy]?[csz]+[iy]?[cs]?[iy]+de?\w*|\bsuicid\w*"
        r"|\bs(?:ui|iu)c+[ie]*d\w*|\bk\.?y\.?s\b"
        rf"|\bkill\w* {_SELF}\b|\bk(?:il+|lil+|ll+) ?{_SELF}\b|\bk\.?m\.?s\b|\bunaliv\w*"
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
        r"|\b(?:think|thinking|thought|thoughts) (?:about|of) (?:just )?jumping(?:"
        rf"{_ENDS}| (?:from|out of) (?:the|a|my)\b| into traffic\b)"
        r"|\bi should(?:'?ve| have)? (?:just |really |probably )?(?:be|been) dead\b"
        r"|\bi (?:just |really )?deserve (?:to (?:just )?(?:die|be dead)|death)\b"
        rf"|\bi (?:don'?t|do not) deserve to (?:live|exist|be (?:alive|here{_ENDS}))"
        r"|\bbetter (?:off )?(?:if i (?:just |had |were to )?(?:die|died|disappear\w*|did(?:n'?t| not) exist)|with me"
        r" (?:gone|dead))\b|\bi(?:'?d| would| am|'?m)(?: just)? (?:be )?better off gone\b"
        r"|\b(?:want(?:ed)? to|wanna|wish i could|need to|let me|gonna|going to) (?:just )?(?:go to sleep|fall asleep"
        r"|sleep) (?:for ?ever|for good|and die)\b"
        r"|\b(?:can'?t|cannot|cant|can not|couldn'?t) stop (?:thinking|obsessing|dreaming) (?:about|of) (?:dying"
        r"|death)\b"
        r"(?! (?:my|her|his|the) hair)|\b(?:keep|kept|always|constantly|been) (?:thinking|dreaming|obsessing) (?:about"
        r"|of) (?:dying|being dead|death)\b(?! (?:my|her|his|the) hair)|\bthoughts (?:of|about) (?:dying|death)\b"
        r"|\bi(?:'?m| am|'?ve| have)? (?:\w+ ){0,4}(?:gun|pistol|barrel|knife|blade|razor|rifle|shotgun) (?:up )?(?:to"
        r"|in|against|at|on) my (?:head|mouth|throat|neck|temple|wrists?|heart|chest)\b"
        r"|\b(?:rope|noose|belt|cord) (?:around|round|on) my neck\b"
        r"|\bload(?:ed|ing) (?:my|the|a) (?:gun|pistol|shotgun|rifle|revolver)\b(?! (?:safe|rack|case|cabinet))"
        r"|\b(?:want(?:ed)? to|wanna|wish to|ready to) (?:just )?be gone"
        rf"(?:{_ENDS}| forever\b| for good\b| from (?:this|the) (?:world|life|earth)\b)"
        r"|\b(?:have|got) (?:the|my|all (?:the|my)|some|enough) (?:pills|rope|noose|razor|blade"
        r"|bullets) (?:all )?(?:ready"
        r"|lined up|in my hand|in front of me)\b(?! for (?:the|this|next|my|every)\b)"
        r"|\benough (?:pills|dope|fentanyl|meds|bullets) to (?:do it|die|end|kill|finish|never|not wake)\b"
        r"|\b(?:say|tell|saying) (?:good ?-?bye|bye) to (?:my|our) \w+(?: and (?:my )?\w+)? for me\b"
        r"|\btell (?:my|our) (?:kids?|child|children|son|daughter|baby|babies|mom|mother|dad|father|parents|wife"
        r"|husband"
        r"|family|brother|sister) (?:that )?(?:i (?:love|loved|always loved) (?:them|her|him)"
        rf"|i(?:'?m| am) (?:so )?sorry{_ENDS})|\blove you(?: all)?[\s,.!]*good ?-?bye\b"
        r"|\bg(?:ive|iving|ave) up on (?:life|living)\b|\bhad enough of (?:this )?life\b"
        r"|\b(?:no|see (?:a|any)) way out(?: for me\b|"
        rf"{_ENDS})|\b(?:driv\w+|drove|crash\w*|steer\w*) (?:my car |the car )?(?:into a (?:tree|wall|truck|pole)"
        r"|into (?:oncoming )?traffic|off (?:the|a) (?:road|bridge|cliff) on purpose)\b"
        rf"|\bcan'?t keep (?:doing|living) (?:this|it){_ENDS}|\bif i (?:die|died|was dead|were dead),? no ?(?:one"
        rf"|body)\b"
        rf"|\b(?:do|did|doing) something (?:bad |stupid )?to {_SELF}\b|\bout of my misery\b"
        rf"|\b(?:when|once|after) i(?:'?m| am) (?:gone{_ENDS}|dead\b)|\bi won'?t be alive\b"
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
        r"|\b(?:has|have|got|with|bought|buying) (?:a|my|his|the) (?:loaded )?(?:gun|knife)\b(?! (?:show|range"
        r"|license|shop))"
        r"|\bi(?:'?m| am) (?:in|not safe)(?: danger|\b)(?=$"
        r"| danger|\W)"
        r"|\bin danger\b|\bnot safe\b|\bafraid for my life\b|\bcall 911\b|^\W*911\W*$|\b(?:i was|i got|been) raped\b"
        r"|\b(?:was|were|been|got|being|am|get) (?:just )?sexually (?:assaulted|abused|molested|attacked)\b"
        r"|\bsexually (?:assaulted|abused) me\b|\bmolest(?:ed|s|ing) me\b|\bassaulted me\b|\bi (?:was|got) molested\b"
        r"|\b(?:gun|pistol|knife|blade|rifle) (?:to|in|against|at|on) my (?:head|mouth|throat|neck|face|chest)\b"
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
        rf"|\btom[eo] {_MUCHAS} (?:pastillas|pildoras|tabletas|capsulas)\b"
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
        rf"\b(?:suicid|suisid|sucid|suicd)\w*|\bmatarme\b|\b{_MEANS_TO} (?:matar|morir|quitar la vida)\b{_FIGURE}"
        r"|\bme mato\b"
        r"|\b(?:quiero|quisiera|prefiero|deseo|ganas de|mejor) (?:estar )?(?:morir|morirme|muert[oa])\b"
        rf"{_FIGURE}|\bestar muert[oa]\b{_FIGURE}"
        r"|\b(?:cansad|hart)[oa] de (?:vivir(?! (?:aqui|alla|en|con)\b)|la vida|existir)\b|\bquitarme la vida\b"
        r"|\b(?:acabar|terminar|acabo|termino) con (?:mi vida|todo|esto de una vez)\b"
        r"|\bno quiero (?:vivir|seguir (?:viviendo|viva|vivo|asi|aqui)|estar viv[oa]"
        r"|estar aqui\b(?! (?:tan|hasta|mas tarde|hoy))|despertar(?:me)?\b(?! (?:al?|tan|temprano|tarde|en)\b)"
        r"|existir)\b"
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
        rf"|\bmejor (?:yo )?(?:estaria|estuviera) muert[oa]\b{_FIGURE}|\b(?:estaria|estuviera) mejor muert[oa]\b"
        r"|\bmerezco (?:morir|morirme|la muerte)\b|\bno merezco (?:vivir|estar viv[oa])\b"
        r"|\bno me quiero despertar\b(?! (?:al?|tan|temprano|tarde|en)\b)"
        r"|\b(?:quisiera|desearia|preferiria) (?:no|nunca) haber nacido\b(?! (?:aqui|alla|en|con)\b)"
        r"|\b(?:no|nunca) debi (?:nacer|haber nacido)\b(?! (?:aqui|alla|en|con)\b)"
        rf"|\bme estoy matando\b(?! (?:trabajando|estudiando|en|por|para)\b){_FIGURE}"
        rf"|\bya no (?:aguanto|soporto){_ENDS}|\bno (?:aguanto|soporto) (?:mas )?(?:esta vida|la vida|vivir|tanto dolor"
        rf"|este dolor(?:{_ENDS}| mas\b))"
        rf"|\b(?:me despido de|adios a) (?:todos|todas|mis hij[oa]s|mi familia|este mundo|la vida)\b{_UNTIL_THEN}"
        r"|\badios (?:para siempre|mundo)\b"
        r"|\b(?:digan?le|diganles|dile|diles) a (?:mis?|la|el) \w+ que (?:l[oa]s? (?:quiero|amo|quise|ame)"
        r"|me perdon\w+)\b"
        r"|\b(?:tengo|ya tengo) (?:las|mis|todas las) (?:pastillas|pildoras) (?:listas|en la mano)\b(?! para (?:la"
        r"|el|manana)\b)"
        r"|\bno (?:puedo )?dej(?:o|ar) de pensar en (?:morir\w*|la muerte|matarme)\b"
        r"|\b(?:pistola|arma|cuchillo|navaja|soga|cuerda) (?:en|a|contra) (?:la|mi|el) (?:cabeza|boca|sien|cuello"
        r"|garganta)\b"
        r"|\bcargue (?:la|mi|una) (?:pistola|arma|escopeta)\b"
        rf"|\bpens(?:ando|ado) en (?:tirarme|aventarme|lanzarme|saltar){_ENDS}"
    ),
    Danger.VIOLENCE: (
        r"\bme (?:va|quiere|trata) (?:a |de )?(?:matar|pegar|lastimar)\b|\bme (?:esta|estan) (?:pegando|golpeando"
        r"|lastimando|ahorcando)\b"
        r"|\bme (?:pega|pego|golpea|golpeo|viol[oa]|amenaza|amenazo)\b"
        r"|\bme (?:viol|golpe|amenaz|atac|apunal|asalt)aron\b|\bme pegaron\b(?! (?:la|el|un|una|lo)\b)"
        r"|\bfui violad[oa]\b"
        r"|\babus(?:aron|o|a|an|aba) (?:sexualmente )?de mi\b(?! (?:confianza|tiempo|paciencia|generosidad|amabilidad"
        r"|dinero|bondad|trabajo|suerte|tarjeta|buena)\b)|\b(?:en|corro) peligro\b|\bes una emergencia\b"
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
# The same dangers in other words.
_ALSO_ENGLISH = {
    Danger.OVERDOSE: (
        rf"\btook a (?:whole|huge|big) (?:bunch|lot|handful|bottle) of (?:\w+ )?{_PILLS}\b|\b(?:swallowed"
        rf"|downed) a (?:whole )?(?:bunch|lot"
        rf"|handful) of (?:\w+ )?{_PILLS}\b"
        r"|\b(?:drank|drink|drinking|swallowed) (?:some |a lot of )?(?:bleach|antifreeze|rat poison|poison"
        r"|drain cleaner)\b"
        r"|\bi took (?:ten|twenty|thirty|forty|fifty|sixty) (?:seroquels?|gabapentins?|benadryls?|trazodones?"
        r"|klonopins?)\b"
        r"|\b(?:had to|they) narcan(?:ned|'?d)? me\b|\b(?:revived|brought back) (?:me )?(?:with|by) narcan\b"
        r"|\b(?:want to|wanna|going to|gonna|trying to|tried to) o\.?d\b"
        r"|\b(?:load\w*|did|do|took|made|fix\w*|shot)(?: up| me)? (?:a|the|my) hot shot\b"
    ),
    Danger.SELF_HARM: (
        rf"\bburn(?:ed|t) {_SELF}\b(?! (?:cooking|on the|with (?:coffee|the (?:stove|iron|pan))|out))"
        rf"|\bscratch\w* {_SELF} (?:till|until|so) "
    ),
    Danger.SUICIDE: (
        rf"\b(?:don'?t|dont|do not) (?:even |really )?care (?:anymore )?(?:if|whether) i (?:die\b|make it{_ENDS}"
        rf"|(?:live|wake up)(?:{_ENDS}| (?:or|anymore|again|tomorrow)\b))"
        r"|\b(?:happier|relieved|better) if i (?:was|were|am) (?:dead|gone)\b"
        r"|\bi(?:'?m| am) (?:going to|gonna|about to|ready to) jump(?: off)?"
        rf"{_ENDS}|\b(?:on|from) the (?:roof|bridge|ledge) and (?:i )?(?:want to|wanna|might|will|going to) jump\b"
        r"|\b(?:want to|wanna|going to|gonna|thinking (?:about|of)) (?:walk|walking|step|stepping|run"
        r"|running) (?:into|in front"
        r" of) (?:the )?(?:traffic|a (?:bus|train|truck|car))\b|\bcrash\w* (?:my |the )?(?:car|truck) on purpose\b"
        r"|\bwant (?:the|this|my|all the) pain to (?:just )?(?:end|stop)\b(?! (?:in my (?:back|knee|tooth|foot)))"
        r"|\b(?:want|need) it all to (?:just )?(?:end|stop)\b|\b(?:think\w*|thought) (?:about"
        r"|of) ending things\b(?! with)"
        r"|\b(?:pray\w*|wish\w*|beg\w*) (?:that )?(?:i (?:don'?t|do not|won'?t|never) wake up"
        r"(?! (?:late|early|too|so|at|in)\b)"
        r"|god (?:will )?takes? me)\b"
        r"|\bsav(?:ing(?: up)?|ed up) my (?:pills|meds)\b|\b(?:say|saying|said|wrote"
        r"|writing) my (?:goodbyes?|goodbye"
        r" (?:letter|note)s?|suicide note)\b|\b(?:use|drink|shoot up) (?:till|until) i (?:die|drop dead)\b"
        r"|\bw(?:nat|atn|an) (?:to|ot) die\b"
        r"|\bw(?:ant|nat|atn|an) (?:to|ot) d(?:ei|ye)\b(?! (?:my|her|his|the|it|hair)\b)"
    ),
    Danger.VIOLENCE: (
        r"\b(?:he|she|they)(?:'?ll| will|'?s going to| is going to|'?s gonna) (?:kill|hurt|shoot|stab) me\b(?! if i)"
        r"|\bfe(?:el|lt) like (?:killing|shooting|stabbing|hurting) (?:him|her|them|someone|somebody|everyone"
        r"|people)\b(?!'s)"
        r"|\b(?:shoot|shooting) up (?:the|my|this) (?:place|school|office|clinic|church|work)\b"
        r"|\bvoices? (?:\w+ ){0,3}(?:telling|tell|tells|told) me to (?:hurt|kill|harm|stab|shoot|die)\b"
        r"|\bforced (?:me (?:to have sex|into sex)|(?:him|her)self on me)\b|\bi (?:was|got) (?:just )?assaulted\b"
    ),
}
_ALSO_SPANISH = {
    Danger.OVERDOSE: r"\bme (?:dieron|pusieron) (?:el )?narcan\b|\b(?:tome|bebi) (?:cloro|veneno)\b",
    Danger.SELF_HARM: rf"\b{_MEANS_TO} hacer dano\b",
    Danger.SUICIDE: (
        r"\b(?:quiero|pido a dios|le pido a dios|ojala) que (?:dios )?me lleve\b(?! (?:al?|con|en|mi)\b)"
        rf"|\bquiero que (?:ya )?se acabe todo(?:{_ENDS}| ya\b)|\bmejor si (?:yo )?no (?:existiera|estuviera"
        r" (?:aqui|viv[oa]))\b"
    ),
    Danger.VIOLENCE: r"\bme (?:obligo|forzo|obligaron|forzaron) a (?:tener sexo|tener relaciones)\b",
}
# “I won't be here tomorrow” ends a life or cancels a visit. Without a plain reason it is heard as the first: one text
# with two numbers that nobody needed harms no one. A day of the week, an hour, or “there” names a visit.
_LEAVING = {
    "en": (
        r"\bi(?: really| just| probably)? (?:won'?t|will not|might not|may not|am not going to|'?m not (?:going to"
        r"|gonna))"
        rf" be (?:here|around)(?:{_ENDS}| (?:tomorrow|tonight|any ?more|(?:for )?much longer|(?:for )?long)\b)"
    ),
    "es": (
        rf"\bno (?:estare|voy a estar) (?:mas )?aqui(?:{_ENDS}| (?:manana|nunca|mucho tiempo|por mucho)\b)"
        r"|\bya no (?:estare|voy a estar)(?: mas)?(?=\W*$)"
    ),
}
_ONLY_AWAY = re.compile(
    r"\b(?:travel\w*|on (?:a trip|vacation)|out of (?:town|state)|working|at work|(?:have|got|need) (?:to )?work|shift"
    r"|(?:i'?m|i am|be|going) away|sick(?! of)|flu|doctor|dentist|(?:at|have|got|in) (?:school|class|court)|moving"
    r"|reschedul\w*|appointment|appt|flight|flying|airport|wedding|visiting|(?:can|could) we|another (?:day|time)|until"
    r"|till|back (?:on|next|by)|see you"
    r"|viaj\w*|fuera de|vacaciones|trabajando|tengo (?:que )?trabaj\w+|cita|reprogramar|otro dia|hasta|regreso|vuelvo"
    r"|enferm[oa]|medico|dentista|la corte|la escuela|la casa)\b"
)
_NEAR = 60  # letters: a reason stands beside what it explains, not at the other end of the message
_LEAVES = [(language, re.compile(pattern)) for language, pattern in _LEAVING.items()]
_DANGERS = [
    (danger, language, re.compile(patterns[danger]))
    for danger in (Danger.OVERDOSE, Danger.SUICIDE, Danger.SELF_HARM, Danger.VIOLENCE)
    for language, patterns in (("en", _ENGLISH), ("en", _ALSO_ENGLISH), ("es", _SPANISH), ("es", _ALSO_SPANISH))
]


def find(plain: str) -> tuple[Danger, str] | None:
    """The danger in a text and its language (`en`, `es`); None if there is none.

    `plain` is in lowercase without accents, with straight apostrophes (reminders.meaning).
    """
    for danger, language, pattern in _DANGERS:
        if pattern.search(plain):
            return danger, language
    for language, pattern in _LEAVES:
        for said in pattern.finditer(plain):
            if not _ONLY_AWAY.search(plain[max(0, said.start() - _NEAR) : said.end() + _NEAR]):
                return Danger.SUICIDE, language
    return None


def without(plain: str) -> str:
    """The text without anything about danger, to see what else it asks for."""
    for _, _, pattern in _DANGERS:
        plain = pattern.sub(" ", plain)
    return plain
