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
me voy a ahorcar:suicide|me corté:self_harm|me corté las venas:self_harm|me estoy cortando:self_harm|me quiero cortar las venas:self_harm
me voy a colgar:suicide|quiero dormir y no despertar:suicide|quiero dormirme y no despertar nunca:suicide|mi familia estaría mejor sin mí:suicide
todos estarían mejor sin mí:suicide|me quiero ir de este mundo:suicide|no le veo sentido a la vida:suicide|la vida no tiene sentido:suicide
tengo una pistola:violence|tengo un arma:violence|voy a matarlo:violence|voy a matarla:violence|quiero matarlo:violence
I want to sleep and never wake up:suicide|I wish I could fall asleep and not wake up:overdose|going to off myself:suicide
thinking about not being here:suicide|thinking of not being here anymore:suicide|I want it all to be over:suicide|I just want it to be over:suicide
I'm done living:suicide|I'm done with life:suicide|I might hurt someone:violence|I want to hurt someone:violence|I'm going to hurt somebody:violence
hung myself:suicide|jump off a bridge:suicide|me voy a tirar del puente:suicide|me quiero aventar del puente:suicide|me voy a disparar:suicide
me voy a dar un tiro:suicide|pegarme un tiro:suicide|me hago daño:self_harm|me corto las venas:self_harm|quiero desaparecer de este mundo:suicide
no quiero estar aquí:suicide|ojalá no despertara:suicide|ojalá estuviera muerta:suicide|quisiera estar muerto:suicide|prefiero morir:suicide
pienso en morirme:suicide|pienso en matarme:suicide|he pensado en quitarme la vida:suicide|no quiero seguir:suicide|ya no quiero seguir:suicide
no tengo razones para vivir:suicide|no tengo ganas de vivir:suicide|perdí las ganas de vivir:suicide|no hay razón para vivir:suicide
soy una carga para mi familia:suicide|soy una carga para todos:suicide|I'm a burden to everyone:suicide|I am just a burden:suicide
no reason to be alive:suicide|I have a gun and I will use it:violence|I have a plan to kill myself:suicide|I want to disappear forever:suicide
everyone would be better off without me:suicide|the world would be better without me:suicide|my family would be better off if I was gone:suicide
cut my wrists:self_harm|I cut my wrist last night:self_harm|I've been cutting:self_harm|I started cutting again:self_harm|slit my wrists:self_harm
thinking of hurting myself:self_harm|I'm thinking about killing him:violence|i will kill him:violence|me voy a matar:suicide
voy a hacerle daño a alguien:violence|lo quiero matar:violence|puedo lastimar a alguien:violence|me tomé un frasco de pastillas:overdose
me voy a tomar todas las pastillas:overdose|I don't want to be alive:suicide|I don't want to be here:suicide|I can't do this anymore:suicide
I want to be dead:suicide|I'd rather be dead:suicide|I hope I don't wake up:suicide|hope I die in my sleep:suicide|I wish I'd never been born:suicide
no point in living:suicide|what's the point of living:suicide|life is pointless:suicide|I feel like ending it:suicide|I feel like dying:suicide
no puedo seguir viviendo:suicide|no quiero existir:suicide|me quiero desaparecer:suicide|me duele vivir:suicide|estoy harta de vivir:suicide
me inyecté demasiado:overdose|used too much and cant breathe:overdose|no puedo respirar:overdose|me golpeó mi esposo:violence|me quiere matar:violence
tengo miedo de que me mate:violence|tengo un cuchillo:violence|me quiero morir:suicide|ganas de matarme:suicide|ganas de morirme:suicide
se quiere matar:suicide|quiere suicidarse:suicide|shoot myself:suicide|drown myself:suicide|jump in front of a train:suicide|I bought a gun:violence
K1ll myself:suicide|want 2 die:suicide|going to drink myself to death:suicide|wish I wasn't here:suicide|wish I wasn't alive:suicide
end my suffering:suicide|gonna jump off the bridge:suicide|no quiero estar en este mundo:suicide|quiero dejar de existir:suicide
quiero terminar con mi vida:suicide|no quiero vivir más:suicide|estarían mejor sin mí:suicide|nadie me extrañaría:suicide|I have no will to live:suicide
lost the will to live:suicide|nothing left for me here:suicide|me tiro al tren:suicide|me voy a lanzar del puente:suicide
I should be dead:suicide|I should have been dead:suicide|I deserve to die:suicide|I don't deserve to live:suicide|everyone would be better off if I died:suicide
they'd be better off with me dead:suicide|I'd be better off gone:suicide|I want to go to sleep forever:suicide|i just want to sleep forever:suicide
I can't stop thinking about dying:suicide|I keep thinking about death:suicide|thoughts of death all day:suicide|I put the gun to my head:suicide
he held a gun to my head:violence|I loaded my gun:suicide|I have a loaded gun:violence|a rope around my neck:suicide|I put the blade against my wrist:suicide
I cut last night:self_harm|I cut again:self_harm|i cut today and it bled:self_harm|I want to be gone:suicide|I feel hopeless and want to be gone:suicide|I wanna be gone for good:suicide
I wont be here tomorrow:suicide|I won't be here anymore:suicide|I will not be here much longer:suicide|I won't be around tomorrow. I can't work this out:suicide
I'm sick of it all and I won't be here tomorrow:suicide|I won't be alive tomorrow:suicide|when I'm gone:suicide|I'm od:overdose|i think im od:overdose|I od last night:overdose
I shot up too much:overdose|I shot too much dope:overdose|I did too much fent:overdose|I took thirty pills:overdose|took about twenty five xanax:overdose|swallowed a dozen pills:overdose
i have the pills ready:suicide|I have the rope ready:suicide|I have enough pills to do it:suicide|I was thinking of jumping:suicide|thinking about jumping off:suicide
say goodbye to my kids for me:suicide|tell my kids I love them:suicide|Tell my mom I'm sorry:suicide|I love you all, goodbye:suicide
i was sexually assaulted:violence|I got raped last night:violence|he sexually abused me:violence|he molested me:violence
kill myslef:suicide|kill mysefl:suicide|klil myself:suicide|want to hurt myslef:self_harm|suicde:suicide|suicied:suicide|siucide:suicide|suicdal:suicide
I give up on life:suicide|there is no way out for me:suicide|I don't see a way out:suicide|i want to drive into a tree:suicide|I almost drove off the road on purpose:suicide
I've had enough of life:suicide|I can't keep doing this:suicide|If I die nobody cares:suicide|I'm going to do something to myself:suicide|put me out of my misery:suicide
me violaron:violence|fui violada:violence|me golpearon anoche:violence|me amenazaron:violence|abusaron de mí:violence|abusó de mí:violence|abusaron sexualmente de mí:violence
mejor estaría muerto:suicide|mejor estaría muerta:suicide|estaría mejor muerta:suicide|merezco morir:suicide|merezco estar muerto:suicide
no me quiero despertar:suicide|ya no quiero despertarme:suicide|quisiera no haber nacido:suicide|no debí nacer:suicide|nunca debí haber nacido:suicide
me estoy matando:suicide|me estoy matando con la droga:suicide|ya no aguanto:suicide|ya no aguanto, de verdad:suicide|ya no aguanto esta vida:suicide|no soporto este dolor:suicide
me despido de todos:suicide|me despido de mis hijos:suicide|adiós a todos:suicide|adiós para siempre:suicide|díganle a mis hijos que los quiero:suicide
mañana ya no estaré aquí:suicide|ya no voy a estar aquí:suicide|tomé treinta pastillas:overdose|me tomé veinte pastillas:overdose|tengo las pastillas listas:suicide
no puedo dejar de pensar en la muerte:suicide|me puse la pistola en la cabeza:suicide|cargué la pistola:suicide|estoy pensando en tirarme:suicide|suisidio:suicide|sucidarme:suicide
I don't care if I die:suicide|i relapsed and dont care if i live or die:suicide|don't care if I live:suicide|everyone would be happier if i was dead:suicide|i'm going to jump:suicide
I am on the roof and I want to jump:suicide|I want to walk into traffic:suicide|I want to step in front of a bus:suicide|crashed my car on purpose:suicide|i want the pain to end:suicide
I want it all to end:suicide|thinking about ending things:suicide|I pray I don't wake up:suicide|I pray that God takes me:suicide|I've been saving my pills:suicide
saying my goodbyes:suicide|I wrote my goodbye letter:suicide|gonna use till I die:suicide|wnat to die:suicide|want to dei:suicide|quiero que Dios me lleve:suicide
le pido a Dios que me lleve:suicide|El lunes me muero, le pido a Dios que me lleve:suicide|quiero que se acabe todo:suicide|sería mejor si yo no existiera:suicide|me quiero hacer daño:self_harm|i burned myself:self_harm
i scratch myself till i bleed:self_harm|I took a whole bunch of pills:overdose|swallowed a bunch of pills:overdose|i drank bleach:overdose|I took thirty seroquel:overdose
They had to narcan me:overdose|I was revived with narcan:overdose|me dieron narcan:overdose|I used and I want to od:overdose|I loaded a hot shot:overdose
he said he'll kill me:violence|I feel like killing him:violence|gonna shoot up the place:violence|the voices are telling me to hurt people:violence|he forced me to have sex:violence
he forced himself on me:violence|I was assaulted after the meeting:violence|me obligó a tener sexo:violence
"""

# What people say of an ordinary day, with words that sound like danger.
EVERYDAY = """
I could kill for a coffee|me corté el pelo|me muero de risa|me corté el dedo cocinando|me corté las uñas|I cut my hair|cut my finger cooking|it was killer
I killed it today|this heat is killing me|muerto de hambre|muerta de cansancio|me muero de hambre|me muero por ir|me voy a colgar un rato en la casa
tengo una cita|tengo un armario nuevo|voy a matar el tiempo|matando el tiempo|I was dying of laughter|I'm done with work|I'm done with the meeting
I want the meeting to be over|I just want this week to be over|I want it to be over by 8|slept well and woke up early|I could sleep forever lol
fell asleep and didn't wake up in time|I don't want to wake up early|thinking about not being there on Tuesday|thinking about not going
I turned my phone off myself|turned it off myself|I hurt my back|hurt my knee|I don't want to hurt anyone's feelings|I might hurt their feelings
my family is better without the drama|mi familia está mejor|me quiero ir de este trabajo|me quiero ir a mi casa|no le veo sentido a esta reunión
hung out with friends|we hang out after|me voy a colgar la ropa|quiero dormir|quiero dormir bien y despertar temprano|no quiero despertar a los niños
going to be a killer night|this is to die for|I'd kill for a cigarette|I have a gun show to go to|the hour killed me|I can't wait|cut down on smoking
I'm cutting back on coffee|cutting class|started cutting hair again|I've been cutting wood|no puedo ir mañana|no quiero seguir en ese grupo
ya no quiero seguir con ese grupo|no quiero estar aquí tan tarde|it felt good to be alive|glad to be alive|they said life is worth living|one day at a time
me dio un tiro de café|he tirado la basura|I felt like leaving|I was nervous, then it was fine|it ended early|I wish I had gone sooner|my back is killing me
killed two birds with one stone|I'd die for pizza|no me morí de vergüenza|casi me muero de la vergüenza|me mata la espalda|me mata de risa
qué carga de trabajo|tengo mucha carga|I carry a heavy burden at work|what a burden lifted|I feel like a burden was lifted|the burden is gone
I'm not a burden anymore|I want to disappear the stain|quiero desaparecer un rato del trabajo|I have my pills box ready|I bought a gunmetal bike|shot pool
going to shoot hoops|I shot myself in the foot with that comment lol|me corté la barba|me corte el cabello ayer|me están cortando el pelo
me estoy cortando el pelo|me quiero cortar el pelo|me corto el pelo mañana|me voy a cortar el pelo|me voy a cortar las uñas|la vida tiene sentido otra vez
la vida es bella|no estoy cansado de vivir aquí|I live for this|hope to see you|I could use a hug|the pain is over|I'm glad it's over
can't believe it's over|glad it was all over by 9|me voy a tirar en la cama|me voy a lanzar a estudiar|tengo ganas de ir|no tengo ganas de ir
perdí las ganas de beber|I lost the will to drink|I lost my will and testament|it's pointless to go on Mondays|this is a killer playlist
they would be better off with a bigger room|better off without him|better without coffee|me siento mejor sin alcohol|estoy mejor sin él
I might hurt my back again|I could kill someone's plant lol|It was good, stayed for coffee|Glad I went|I was scared but people were kind
hard to talk but I listened|Too many people, I left early|I had no ride|my boss kept me late|no pude ir, trabajé tarde|me sentí bien
me costó hablar pero escuché|fue difícil, lloré|tomé café con todos|voy a seguir viniendo|no quiero seguir tomando|no quiero seguir bebiendo
quiero dejar de beber|quiero salir de este hoyo|voy a volver el martes|tengo ganas de vivir|la vida vale la pena|quiero vivir|I want to live
I don't want to drink|I don't want to use anymore|no tengo ganas de tomar|me quiero cortar el cabello|quiero cortarme el pelo|cortarme las uñas
me corté con papel|me quiero morir de la vergüenza|me estoy muriendo de hambre|me estoy muriendo de ganas de ir|I felt like dying of embarrassment
I feel like dying for a smoke|the group is better if I was on time|no reason to miss it|what is the point of the handout|thinking about not being late
I slept and never woke to use the bathroom|voy a matar el tiempo en el café|quiero matar las ganas de fumar|puedo golpear la puerta
no puedo respirar de la risa|salto del tren en la parada|me bajo del tren|salí por la ventana de tiempo|I walked across the bridge|cruzo el puente
la puerta está por la calle|I got cut from the team|been cutting back|been cutting carbs|I started cutting coffee|cutting it close|I hit my head
hung up on me|I hung up|I drowned my phone|hanging out by myself|shooting the breeze|se me murió el perro|mi abuela murió|my grandma died|dead tired
dead battery|batería muerta|estoy muerta|estoy muerto de cansancio|quisiera estar muerto de cansancio|mejor sin mi hermano|estuvo mejor sin mi jefe
I never want to drink again|I want to never drink again|it was over at 8|I want it over with|I'm done with living here|I'm through with living at my mom's
done with life skills class|I'm not a burden|my load was a burden|quiero desaparecer las deudas|ojalá no llueva|ojalá no amanezca lloviendo
sin ganas de nada|sin ganas
I cut back last night|I cut down last night|I cut down a lot|I cut hair last night|I cut my hair last night|I cut class today|I cut out early last night|I cut the grass today
I won't be there tomorrow|I wont be there tonight|I won't be here tomorrow, I'm traveling|I'm out of town, I won't be here tomorrow|I won't be here on Tuesday|I won't be here at 3
I won't be here next week|I won't be here tomorrow, can we reschedule?|I won't be here until Friday|I have to work, I won't be here tomorrow|I won't be here for the meeting tomorrow
I want to be gone by 5|I want to be gone before it snows|when I'm gone to work call my wife|I loaded my gun safe into the truck|I loaded my truck
took ten steps|I took twenty minutes to get there|I took two pills for my headache|I took one step at a time|I took my pill|I have my pills ready for the week
I was thinking of jumping back in|thinking about jumping in the pool|I was thinking of dyeing my hair|thinking about dying my hair|I keep thinking about the meeting
I had to say goodbye to my dog|I said goodbye to my friends and left|say hi to my kids for me|tell my wife I'm running late|I love you all|I gave up on smoking|giving up on this job
the way out is on the left|no way out of the parking lot|I drove home|I drove into town|I'd be dead without this group|we would be better off if we met earlier
everyone would be better off if it started at 7|I deserve a break|I deserve to be happy|he deserves a chance|I don't deserve to be here with such kind people
I can't keep doing this job|I shot too many hoops|I drank too much coffee|I ate too much|I smoked too much|my myself time|sudden change of plans
no aguanto el frío|ya no aguanto los zapatos|ya no aguanto a mi jefe|no soporto el ruido|ya no aguanto el calor|me despido, hasta el martes|me despido de ustedes con un saludo
me despido de todos, nos vemos el martes|me estoy matando de la risa|me estoy matando trabajando|me estoy matando en el gimnasio|abusó de mi confianza|abusaron de mi paciencia
si no fuera por el grupo estaría muerto|sin ustedes estaría muerta|estaría muerto de hambre|no me quiero despertar temprano|no quiero despertarme tan temprano|quisiera no haber nacido aquí
mañana no estaré aquí, voy de viaje|ya no voy a estar aquí, tengo que trabajar|mañana no voy a estar en la casa|tomé dos pastillas para el dolor|tomé veinte minutos en llegar
me pegaron la gripe|fui a votar|eso sucede|¿qué sucede?|sucedió ayer|estoy pensando en tirarme en la cama|cargué el teléfono|cargué las bolsas|merezco un descanso|adiós, hasta mañana
I don't care if it rains|I don't care if I live here or there|I don't care if I wake up early|I don't care if I make it to the late one|my boss is a hot shot|I wish I don't wake up late|I don't care if I'm late|we would be happier if I was on time|I burned myself out at work|I burned myself cooking|I'm saving my pill bottles for the craft table
I want the pain in my back to end|I want to dye my hair|I wanted to dye it|I'm going to jump in the shower|he'll kill it on stage|I took a whole lot of notes|quiero que me lleve mi hermano
I was thinking of ending things with my job|I saved my meds list|they trained us to use narcan|we said our goodbyes and left|walked into a bus stop|quiero que se acabe el frío|I took thirty minutes
tengo las pastillas listas para la semana|pensando en la fiesta de muertos|díganle a mis hijos que ya voy
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
