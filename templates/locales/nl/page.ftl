# The customer's page. Names come in as variables; <b> is the only markup.
again = Opnieuw proberen
back = Terug
continue = Verder
help = Ik heb hulp nodig
not-me = Dit was ik niet
footer = { $company } vraagt u nooit om uw pincode of een wachtwoord.
call-support = Bel { $company }: { $phone }
reference = Kenmerk
valid-until = Link geldig tot
time = Tijd
confirmed-at = Bevestigd
ended-at = Beëindigd

direction-title = Wie belde wie?
direction-text = Hebt u { $company } gebeld, of heeft iemand u gebeld?
direction-customer = Ik heb { $company } gebeld
direction-company = Iemand heeft mij gebeld
direction-none = Ik ben niet aan het bellen

no-call-title = Nu geen gesprek?
no-call-text = Als u { $company } om deze link hebt gevraagd, kunt u verdergaan. Verrast hij u, tik dan op ‘Dit was ik niet’.

start-title = Bevestig dat u het bent
start-title-register = { $device ->
    [computer] Stel deze computer in om te bevestigen dat u het bent
   *[phone] Stel deze telefoon in om te bevestigen dat u het bent
}
start-who = <b>{ $requester }</b> van <b>{ $company }</b> vraagt u te bevestigen dat u het echt bent.
start-who-company = <b>{ $company }</b> vraagt u te bevestigen dat u het echt bent.
start-who-register = <b>{ $requester }</b> van <b>{ $company }</b> vraagt u dit één keer te doen, zodat men weet dat u het bent.
start-who-register-company = <b>{ $company }</b> vraagt u dit één keer te doen, zodat men weet dat u het bent.
unlock-ios = Er wordt gevraagd om Face ID, Touch ID of uw toegangscode.
unlock-phone = Uw telefoon vraagt om uw vingerafdruk, gezicht of schermvergrendeling.
unlock-computer = Uw computer vraagt om uw vingerafdruk, gezicht of pincode.
never-leaves = { $device ->
    [computer] Dit verlaat uw computer nooit.
   *[phone] Dit verlaat uw telefoon nooit.
}
passkey-saved = Een passkey voor { $company } wordt bewaard voor de volgende keer.
no-script = <b>Deze pagina heeft JavaScript nodig.</b> Zet het aan in de instellingen van uw browser, of open deze link in Safari of Chrome. Helpt dat niet, zeg het dan tegen { $company }: men kan u anders helpen.
confirm = Ja, ik ben het
confirm-register = Instellen en bevestigen
waiting = { $device ->
    [computer] Wachten op uw computer…
   *[phone] Wachten op uw telefoon…
}
use-phone = Mijn telefoon gebruiken

statement-title = Klopt dit?
statement-caption = U bevestigt
statement-text = Als u dit niet hebt afgesproken, bevestig dan niet.

code-title = Typ de code
code-text = De persoon van { $company } leest u aan de telefoon zes cijfers voor.
code-label = Zes cijfers
code-short = Typ alle zes cijfers.
code-wrong = { $left ->
    [one] Die code klopt niet. U hebt nog { $left } poging.
   *[other] Die code klopt niet. U hebt nog { $left } pogingen.
}
code-late-title = De code is verlopen
code-late-text = Een code werkt maar vijf minuten. Er is niets bevestigd.

checking-title = Controleren…
checking-slow = De verbinding is traag. We proberen het nog.

done-title = Dank u, het is bevestigd
done-title-register = Alles ingesteld en bevestigd
done-text = { $device ->
    [computer] Bevestigd met de schermvergrendeling van deze computer. { $company } ziet het nu.
   *[phone] Bevestigd met de schermvergrendeling van deze telefoon. { $company } ziet het nu.
}
done-call = U kunt uw gesprek voortzetten.
done-close = U kunt deze pagina sluiten.
phone-done-title = Bevestigd op uw telefoon
phone-done-text = { $company } ziet het nu.

open-title-app = Open deze pagina in uw browser
open-title = Probeer een andere browser
open-ios = U bent in de ingebouwde browser van een app, die Face ID, Touch ID of uw toegangscode niet kan gebruiken. Safari kan dat wel. Eén tik is genoeg:
open-other = U bent in de ingebouwde browser van een app, die uw vingerafdruk, gezicht of schermvergrendeling niet kan gebruiken. Uw eigen browser kan dat wel. Eén tik is genoeg:
open-failed = Deze browser kon de controle niet starten. Er is niets bevestigd. Meestal lukt het in Safari op een iPhone en in Chrome op Android.
open-browser = Openen in mijn browser
open-chrome = Openen in Chrome
open-safari = Openen in Safari
open-hint = Gebeurt er niets? Tik op <b>⋯</b> of <b>⋮</b> aan de rand van het scherm en dan op ‘Openen in browser’. Of kopieer de link en plak hem daar:
again-here = Hier opnieuw proberen
link-label = Link van deze pagina
copy = Link kopiëren
copied = Link gekopieerd

phone-title = Gebruik uw telefoon
phone-text = Richt de camera van uw telefoon op deze code. Daar opent dezelfde pagina. Deze pagina laat zien wanneer u klaar bent.
phone-qr = QR-code van de link van deze pagina
stay-here = Verder op deze computer

lock-title = Zet eerst de schermvergrendeling aan
lock-text = Uw telefoon heeft hiervoor een schermvergrendeling nodig (pincode, vingerafdruk of gezicht).
lock-step-1 = Open de <b>Instellingen</b> van uw telefoon.
lock-step-2 = Ga naar <b>Beveiliging</b>, dan <b>Schermvergrendeling</b>, en zet die aan.
lock-step-3 = Kom terug naar deze pagina.
lock-done = Ik heb hem aangezet

no-passkey-title = Uw passkey is hier niet te vinden
no-passkey-text = Er is niets bevestigd. De passkey die u voor { $company } hebt gemaakt, staat misschien op een andere telefoon, in een andere browser of een ander account.
no-passkey-new = Ik heb een nieuwe telefoon
no-passkey-open = Openen in andere browser

new-phone-title = We hebben het aan { $company } gemeld
new-phone-text = Men weet dat u een nieuwe telefoon hebt of uw passkey kwijt bent. Men controleert het op een andere manier met u en stuurt dan een link die deze telefoon instelt.
new-phone-old = Hebt u uw oude telefoon nog? Open de link daar:

cancelled-title = Geen probleem, er is niets bevestigd
cancelled-text = Tik om het opnieuw te proberen wanneer u klaar bent.
timeout-title = Dat duurde even, dus we zijn gestopt
timeout-text = Er is niets bevestigd. Neem de tijd en tik om het opnieuw te proberen.
trouble-title = Er ging iets mis op dit apparaat
trouble-text = Er is niets bevestigd. Sluit andere vensters die om uw vergrendeling vragen en probeer het opnieuw.
not-confirmed-title = We konden dat niet bevestigen
not-confirmed-text = Dat kan gebeuren. Probeer het opnieuw met de vergrendeling die u anders ook gebruikt.
offline-title = U lijkt offline te zijn
offline-text = We konden { $company } niet bereiken. Controleer uw verbinding en probeer het opnieuw. Uw link werkt nog.
server-title = Er ging iets mis bij ons
server-text = Uw link werkt nog. Probeer het zo opnieuw.
once-more-title = Nog één tik, alstublieft
once-more-text = Deze pagina stond een tijd open, dus bevestig nog een keer.
lost-title = De verbinding is weggevallen
lost-text = { $device ->
    [computer] Uw antwoord is veilig op deze pagina. Klik om verder te gaan: u hoeft uw computer niet opnieuw te ontgrendelen.
   *[phone] Uw antwoord is veilig op deze pagina. Tik om verder te gaan: u hoeft uw telefoon niet opnieuw te ontgrendelen.
}
wait-title = Een ogenblik
wait-text = Er waren veel pogingen in korte tijd. Na deze pauze kunt u verder:
busy-text = Er zijn net veel pagina’s geopend vanaf uw netwerk. Wacht een paar seconden en probeer het dan opnieuw.
already-title = { $device ->
    [computer] Deze computer is al ingesteld
   *[phone] Deze telefoon is al ingesteld
}
already-text = Er is hier al een passkey voor { $company }, dus er is niets nieuws bevestigd. Zeg het tegen de persoon van { $company }: die kan een link sturen die bevestigt dat u het bent.
misfit-title = Er klopt iets niet bij ons
misfit-text = U hebt niets verkeerd gedaan en uw link werkt nog. Zeg het tegen de persoon van { $company } die hem stuurde.
unable-title = { $device ->
    [computer] Deze computer kan deze controle niet doen
   *[phone] Deze telefoon kan deze controle niet doen
}
unable-text = Er is niets bevestigd. Hebt u een andere telefoon, open de link dan daar. Of zeg het tegen de persoon van { $company }: men bevestigt het dan op een andere manier.
new-link-title = U hebt een nieuwe link nodig
new-link-text = Deze link past niet meer, omdat er iets is veranderd sinds hij werd verstuurd. Er is niets bevestigd.

help-title = Zo werkt het
help-what = { $device ->
    [computer] { $company } wil zeker weten dat u het bent. U ontgrendelt uw computer zoals altijd, en die laat ons weten dat het gelukt is. We zien nooit uw vingerafdruk, gezicht of pincode.
   *[phone] { $company } wil zeker weten dat u het bent. U ontgrendelt uw telefoon zoals altijd, en die laat ons weten dat het gelukt is. We zien nooit uw vingerafdruk, gezicht of pincode.
}
help-stuck = <b>Komt u niet verder?</b> Vertel de persoon van { $company } wat u ziet: die kan een nieuwe link sturen of anders helpen.
help-surprise = <b>Had u dit niet verwacht?</b> Bevestig niet. Hang op en bel { $company } op een nummer dat u al kent.

decline-title = Was u dit niet?
decline-text = We sluiten deze link voorgoed en melden het aan { $company }. Er wordt niets bevestigd.
decline-call = Vroeg iemand aan de telefoon u om hem te openen en voelt het niet goed, hang dan nu op.
decline-not-me = Ik heb hier niet om gevraagd
decline-stranger = Iemand belde mij en stuurde hem

used-title = Klaar, al bevestigd
used-text = Deze link is gebruikt en alles is gelukt. U hoeft niets meer te doen.
used-not-you = <b>Was u dit niet?</b> Bel { $company } meteen op een nummer dat u al kent.
expired-title = Deze link is verlopen
expired-text = Links werken maar korte tijd, en die van deze is voorbij. Er is niets bevestigd.
revoked-title = Deze link is vervangen of ingetrokken
revoked-text = Hij werkt niet meer en er is niets mee bevestigd.
revoked-do = <b>Wat te doen:</b> heeft { $company } u een nieuwere link gestuurd, open dan die. Vraag anders om een nieuwe.
failed-title = Deze link kan niet meer worden gebruikt
failed-text = Te veel pogingen mislukten, dus de link is gesloten om u te beschermen. Er is niets bevestigd.
declined-title = U zei dat u dit niet was
declined-text = De link is gesloten en er is niets bevestigd. { $company } is op de hoogte.
declined-do = <b>Wat te doen:</b> belt iemand hierover met u, hang dan op. Bereik { $company } op een nummer dat u al kent.
hang-up-title = Hang alstublieft op
hang-up-text = Er klopt iets niet aan dit gesprek. De link is gesloten, er is niets bevestigd en { $company } is op de hoogte.
hang-up-do = <b>Wat te doen:</b> beëindig het gesprek en noem geen codes. Bereik { $company } op een nummer dat u al kent.
ask-new-link = <b>Wat te doen:</b> vraag de persoon van { $company } met wie u spreekt om een nieuwe link.
unknown-title = We kennen deze link niet
unknown-text = Misschien is het adres bij het kopiëren afgebroken.
unknown-do = <b>Wat te doen:</b> open de link opnieuw uit het bericht dat u kreeg, of vraag { $company } om een nieuwe.
