# Codes of an authenticator app, and recovery codes: their page, and the way to it.
app-link = Een code uit een authenticator-app gebruiken
app-title = Bevestig met een code uit uw app
app-need = Hiervoor hebt u een authenticator-app nodig: een app op uw telefoon die codes van zes cijfers toont. Veel wachtwoordbeheerders doen dat ook.
app-other = Op een andere manier bevestigen

app-add-title = Voeg { $company } toe aan uw app
app-add-scan = Kies in uw authenticator-app om een account toe te voegen en scan deze QR-code.
app-add-qr = QR-code die { $company } aan uw app toevoegt
app-add-tap = Staat de app op deze telefoon? Eén tik voegt { $company } toe:
app-add-open = Openen in mijn app
app-add-key = Of kopieer deze sleutel naar uw app:
app-add-copy = Sleutel kopiëren
app-add-elsewhere = Mijn app staat op een ander apparaat
app-add-private = Laat dit aan niemand zien. Wie het heeft, kan uw codes maken.
app-add-done = Ik heb het toegevoegd
app-copied = Gekopieerd

app-code-title = Typ de code uit uw app
app-code-text = Uw app toont zes cijfers voor { $company }, en elke 30 seconden nieuwe.
app-code-wrong = Die code klopte niet of is al gebruikt. Wacht tot uw app de volgende toont en typ die.
app-code-private = Typ hem alleen hier. Niemand van { $company } vraagt u hem voor te lezen.
app-code-back = QR-code en sleutel nog een keer tonen

app-recovery = Een herstelcode gebruiken
app-recovery-title = Typ een herstelcode
app-recovery-text = U kreeg er tien toen u uw app instelde. Elke code werkt één keer.
app-recovery-label = Herstelcode
app-recovery-short = Typ alle tien letters en cijfers.
app-recovery-wrong = Die herstelcode klopte niet of is al gebruikt. Controleer hem of neem een andere.
app-recovery-back = Een code uit mijn app gebruiken
app-recovery-none = Ik ben de app en deze codes kwijt
app-told-text = Men weet dat u uw app niet meer kunt gebruiken. Men controleert het op een andere manier met u en stuurt dan een nieuwe link.

app-keep-title = Bevestigd. Bewaar nu deze codes
app-keep-text = Raakt u uw telefoon kwijt, dan werkt elk ervan één keer in plaats van uw app. Bewaar ze waar alleen u ze vindt: ze worden niet nog eens getoond.
app-keep-codes = Herstelcodes voor { $company }
app-keep-copy = Codes kopiëren
app-keep-print = Afdrukken
app-keep-done = Ik heb ze bewaard

app-done = Bevestigd met een code uit uw app. { $company } kan het nu zien.
app-done-recovery = Bevestigd met een herstelcode, die nu niet meer werkt. { $company } kan het nu zien.
app-mine = Bekijk wat u hebt bevestigd

app-none-title = Er is nog geen app ingesteld
app-none-text = Er is niets bevestigd. U hebt nog geen authenticator-app voor { $company }, en deze link kan er geen toevoegen. Zeg het tegen de persoon van { $company }: men kan u op een andere manier helpen.
app-lost-text = Uw code is veilig op deze pagina. Tik om verder te gaan.
app-help-what = { $company } wil zeker weten dat u het bent. Uw app maakt elke 30 seconden een nieuwe code, die alleen u ziet. U typt hem hier, op deze pagina.
app-help-clock = <b>Werkt uw code niet?</b> Kijk of uw telefoon de klok automatisch instelt en typ dan de nieuwste code.
