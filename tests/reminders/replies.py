# ruff: noqa: E501  (replies side by side, as people write them)
"""Replies as people write them, in English and Spanish, each with what it asks for. Plainly synthetic."""

STOP = r"""
STOP|stop|Stop.|Stopp|STOPP!!|sToP|stoppp|s t o p|St0p|stpo|"STOP"|Stop please|Please stop|Stop it|Stop this.|STOPALL|Stop all|quit|END|revoke|opt out
OPT-OUT|Opt me out|Cancel|unsubscribe|Unsubscribe me please|unsuscribe|no more|No more!|no more please|NO MORE.|lose my number|Lose my number please
please lose this number|please stop texting me|Please stop texting me, I have a new phone|don't text me anymore|Don’t message me again|dont text me
Do not contact me|no more messages please|no more texts|STOP and thanks for all|Stop. Thanks, Robin|remove me from your list|take me off this|Take me off your list
I want to opt out|leave me alone|I do not want to get your reminders|I don't want any more texts from you|I don't want to be texted|Wrong number!
You have the wrong person|stop it|never contact me again|quit emailing me|Never text me again|Can you please stop texting me?|could you stop sending these texts
Stop with the messages|stop sending me this stuff, stop texting|I revoke my consent|I withdraw my consent to these messages|Delete my number|remove my number from your system
I no longer want these messages|I don't need these reminders|Hi, please stop the reminders. Thank you, Robin|STOP\n\nRobin|Stop.\nSent from my iPhone|enough texts
Cease texting this number|cancel all messages|I don't want to hear from you|do not want messages|remove|Please remove me from this list
no más mensajes por favor|No mas mensajes|no más|alto|BASTA|basta ya|parar|Paren por favor|pare|cancelar|dejen de mandarme mensajes|Deje de escribirme
no me escriban más|ya no me manden mensajes|no quiero más mensajes|No quiero recibir sus recordatorios|por favor no me llamen|ya no quiero mensajes
número equivocado|borren mi número|bórrenme de la lista|déjenme en paz|darme de baja|quiero darme de baja|Baja|nunca más me escriban|no deseo recibir mensajes
cancelen los mensajes|no me contacten|quítenme de su lista
STOP - Robin|STOP robin|Stop Robin Sample|Stop stop stop|stop all of it|stop using this number|Stop using my number|cease and desist|stop using my email
No mandes más mensajes|no envíen más mensajes|no manden mensajes|borrame de la lista|Bórrenme|quitame de esto|quítenme|sácame de la lista
"""

UNCLEAR = """
Stop? What is this|Don't text me before 9|Please don't call me at work|too many texts|Who is this?|not interested|I can't stop|this is annoying
Why did you stop texting me?|Will you stop texting me if I miss it?|don't call me, text me instead|Stop sending so many reminders|stop texting me today
take me off the Tuesday list I think|Cancel. I am sick|Cancel it, can't make it|Are you going to stop|no texts on weekends, don't text then|is this spam
Stop calling me at night|only text me, no more calls at work|remove me from the 3 pm list|don't send messages until Monday|never mind, stop
no me escriban antes de las 9|no me llamen en el trabajo|¿quién es?|No me interesa|alto ahí, ¿qué es esto?|no me manden mensajes tan temprano|ya no
Don't call me, text me|Please don't call me. Text me|Don't call, just text me|I do not consent|Please cancel these|I'm done with these texts|End this|cancel this.
no me llamen, escríbanme|no manden tantos mensajes|sácame de la lista de espera|no manden mensajes antes de las 9|stop robin from coming|STOP Monday
"""

OTHER = """
OK|Yes, see you then|Yes|Sí|Can we make it 11?|cancel my appointment|Cancel the appointment please|Is there a bus stop near you?|running late|Thanks!|Who do I ask for?
I don't have your number, call me|I will be there at the end of this week|I want to stop using, please call me|I want to stop drinking. Text me the time
Never stop sending these|Please don't stop texting me|don't ever stop sending these reminders|I will stop by at 3|Can I stop in tomorrow?|I quit my job, can we meet later?
Where do I park?|New number: 555 010 0101|call me|Please call me back|My bus was late|See you at the end of the month|I had to take my son to school|no problem
No, I can't come|Do not have a ride|I quit drinking 30 days ago!|the group ended early|keep sending these, they help|I need help with a ride|Yes I will be there.
non-stop rain here, may be late|I moved to End Street|👍|Amen|My dog died, can we reschedule?|this traffic is killing me|dying to see you all lol|Are you open Saturday
Sí, ahí estaré|gracias|llámeme por favor|No tengo su número, llámeme|quiero cancelar mi cita|Cancelar la cita del martes|quiero dejar de usar, llámenme|no dejen de escribirme
¿Dónde está la parada del autobús?|llego tarde|no puedo ir mañana|para el martes está bien|¿Puedo ir a las 11?|me llamo Juan|Cancel my call|At the end text me|end the call at 5 please|No me llamo Juan, soy Pedro|nos vemos
I took all my meds today|took all my medicine this morning.|It took all day|no puedo mas tarde, a las 5 si|I don't want to wake up early|I can't wake up so early
I am going to die of laughter|gonna die laughing|no mandaron el mensaje|Cancel this appointment|Stop by|STOP BY LATER
"""

START = """
START|start|Start please|Unstop|UNSTOP|start again|Start again please|restart|resume|opt in|Opt me back in|start texting me again|please resume the reminders
Start sending the reminders again|send me the messages again|text me again|I want the messages back|subscribe|sign me back up
empezar|comenzar|Empezar por favor|reanudar|vuelvan a mandarme los mensajes|quiero recibir mensajes|empiecen a enviar los recordatorios
"""

HELP = "HELP|help!|Help please|INFO|info.|Ayuda"

DANGER = """
I want to kill myself:suicide|i want to kill my self:suicide|kms:suicide|gonna kms tonight:suicide|wanna die:suicide|I want to die:suicide|I just want to die:suicide
I want to end it all:suicide|ending it all tonight:suicide|I want to end it:suicide|I want to end my life:suicide|I can't go on:suicide|cant go on:suicide|I can’t do this anymore:suicide
I can't take it anymore:suicide|better off dead:suicide|they'd be better off without me:suicide|I wish I was dead:suicide|don't want to live:suicide
I don't want to be here anymore:suicide|no reason to live:suicide|tired of living:suicide|thinking about suicide:suicide|im suicidal:suicide|sucide:suicide|suiside:suicide
I will hang myself:suicide|goodbye forever:suicide|take my own life:suicide|kil myself:suicide|unalive myself:suicide
Please stop, I want to die:suicide|STOP. I want to end it all:suicide|I can't stop and I want to die:suicide
I overdosed:overdose|I think he OD'd:overdose|overdosed last night:overdose|took all my pills:overdose|she is not breathing:overdose|he won't wake up:overdose|OD:overdose
I cut myself:self_harm|cutting myself again:self_harm|I want to hurt myself:self_harm|self-harm:self_harm|harm myself:self_harm
he is hitting me:violence|he beats me:violence|he's going to kill me:violence|I am going to kill him:violence|he has a gun:violence|I'm in danger:violence|I am not safe:violence|911:violence
quiero morir:suicide|me quiero matar:suicide|Me quiero morir:suicide|voy a matarme:suicide|quiero suicidarme:suicide|ya no quiero vivir:suicide|no puedo más:suicide
quiero acabar con todo:suicide|quitarme la vida:suicide|ya no aguanto más:suicide|tuve una sobredosis:overdose|me tomé todas las pastillas:overdose|no respira:overdose
quiero hacerme daño:self_harm|me está pegando:violence|me va a matar:violence|estoy en peligro:violence|me corto:self_harm
life isn't worth living:suicide|life is not worth it:suicide|my life is no longer worth anything:suicide|it's not worth living:suicide|no one would miss me:suicide|nobody will miss me:suicide
I want to end things:suicide|I have pills and I'm going to take them all:overdose|I used fentanyl and can't stay awake:overdose|he keeps nodding off:overdose
no vale la pena vivir:suicide|mi vida no vale nada:suicide|tome muchas pastillas:overdose|me tomé un montón de pastillas:overdose
I took all my meds:overdose|I took all my pills today:overdose|took all my meds today, all at once:overdose|I don't want to wake up:suicide|I am going to die:suicide
ya no puedo más, tarde o temprano me mato:suicide|STOP I want to kill myself:suicide|stop, I can't go on with these texts:suicide
"""

QUOTED = (
    "{}\n\nOn Tue, Nov 3, 2026 at 10:00 AM Appointments <no-reply@localhost> wrote:\n> {}\n",
    "{}\n\nOn Tue, Nov 3, 2026 at 10:00 AM The Appointment Office of the Example Street House\n<no-reply@localhost> wrote:\n\n> {}\n",
    "On Tue, Nov 3, 2026 at 10:00 AM Appointments <no-reply@localhost> wrote:\n> {1}\n\n{0}\n",
    "{}\r\n\r\nFrom: Appointments <no-reply@localhost>\r\nSent: Tuesday, November 3, 2026 10:00 AM\r\nTo: Robin\r\nSubject: Reminder\r\n\r\n{}\r\n",
    "{}\n\nDe: Appointments <no-reply@localhost>\nEnviado el: martes, 3 de noviembre de 2026 10:00\nPara: Robin\nAsunto: Reminder\n\n{}",
    "{}\n\nEl mar, 3 nov 2026 a las 10:00, Appointments (<no-reply@localhost>) escribió:\n\n> {}\n",
    "{}\n\n-----Original Message-----\nFrom: Appointments\n\n{}",
    "{}\n\n________________________________\nFrom: Appointments\n{}",
    "{}\n\n---------- Forwarded message ---------\nFrom: Appointments <no-reply@localhost>\n\n{}",
    "{}\n> {}",
    "{}\n\n{}",
    "{}\n\nSent from my iPhone\n\n> On Nov 3, 2026, at 10:00 AM, Appointments <no-reply@localhost> wrote:\n> \n> {}",
    "{}\n\n-- \nRobin Sample\nStop Street 4, unsubscribe\n\n> {}",
)


def each(block: str) -> list[str]:
    """The replies of a block; a backslash n stands for a line's end, as in a reply."""
    return [words.strip() for line in block.strip().split("\n") for words in line.replace("\\n", "\n").split("|")]


ASKED = [
    (words, asks)
    for asks, block in (("stop", STOP), ("unclear", UNCLEAR), ("other", OTHER), ("start", START), ("help", HELP))
    for words in each(block)
]
IN_DANGER = [tuple(words.rsplit(":", 1)) for words in each(DANGER)]
