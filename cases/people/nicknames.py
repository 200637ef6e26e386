"""Nicknames. Small on purpose: they widen a search but never decide a match."""

from __future__ import annotations

from .names import plain

# Each line: names that may mean the same person.
_SAME = """
alexander alex al sandy xander alejandro
alexandra alex sandra sandy lexi alejandra
abigail abby gail
albert al bert alberto
alfred al fred alfredo
andrew andy drew andres
angela angie angelica
anthony tony anton antonio
barbara barb barbie babs
benjamin ben benny benji
bernard bernie
beverly bev
bradley brad
brandon brand
calvin cal
caroline carol carrie caro
catherine kathryn katherine cathy kathy kate katie kat kit catalina
charles charlie chuck chas carlos
charlotte charlie lottie
christina chris tina chrissy kristina cristina
christine chris chrissy kristine
christopher chris kit topher cristobal
clifford cliff
cynthia cindy
daniel dan danny
danielle dani
david dave davey
deborah debra deb debbie
dennis denny
donald don donnie
dorothy dot dottie dolly
douglas doug
edward ed eddie ted ned eduardo
eleanor ellie nora nell
elizabeth liz lizzie beth betsy betty eliza lisa libby isabel
emily em emmy
eugene gene
evelyn evie
florence flo florrie
frances fran frankie francisca
francis frank frankie francisco paco pancho
frederick fred freddie federico
gabriel gabe
gabriela gaby gabby
george jorge
gerald gerry jerry gerardo
gilbert gil gilberto
gregory greg gregorio
guadalupe lupe lupita
harold harry hal
heather
helen nell elena
henry hank harry enrique
jackson jack
jacob jake jack jacobo
jacqueline jackie
james jim jimmy jamie jaime
janet jan
jeffrey jeff geoffrey geoff
jennifer jen jenny jenna
jeremy jerry
jessica jess jessie
jesus chuy
john jack johnny jon juan
jonathan jon johnny nathan
jose pepe
joseph joe joey jose
josephine jo josie
joshua josh josue
judith judy
julia julie jules
kenneth ken kenny
kimberly kim
lawrence larry laurence lorenzo
leonard leo len lenny leonardo
leslie les
lillian lily lil
louis lou louie luis
madeline maddie
manuel manny
margaret maggie meg peggy marge margie rita greta margarita
maria mary mari
mary molly polly mae maria
martha marty
matthew matt mateo
megan meg
melissa missy mel lissa
michael mike mick mickey miguel
michelle shelly michele
mildred millie
mohammed mohamed muhammad mohammad mo
nancy nan
natalie nat
nathaniel nate nathan nat
nicholas nick nicky nico nicolas
nicole nikki nicky
pamela pam
patricia pat patty tricia trish
patrick pat paddy rick
peter pete pedro
philip phil phillip felipe
priscilla cilla
rachel raquel
raymond ray ramon
rebecca becky becca
richard rick rich dick ricky ricardo
robert rob bob bobby robbie bert roberto
roberta bobbie robbie
ronald ron ronnie
rosario chayo
russell russ rusty
samantha sam sammy
samuel sam sammy
sandra sandy
stanley stan
stephanie steph estefania
stephen steven steve esteban
susan sue susie suzanne susana
teresa theresa terry tess tessa
terrence terry
theodore ted teddy theo
thomas tom tommy tomas
timothy tim
valerie val
veronica ronnie vero
victor vic
victoria vicky tori
vincent vince vinny vicente
virginia ginny
walter walt wally
wendy gwendolyn gwen
william bill billy will liam guillermo
zachary zach zack
"""

_ALIASES: dict[str, frozenset[str]] = {}
for _line in _SAME.split("\n"):
    _names = frozenset(_line.split())
    for _name in _names:
        _ALIASES[_name] = _ALIASES.get(_name, frozenset()) | _names


def also_called(given_name: str) -> frozenset[str]:
    """Other given names that the same person may be filed under, in small letters; without the name itself."""
    name = plain(given_name.strip())
    return _ALIASES.get(name, frozenset()) - {name}
