# The customer's page. Names come in as variables; <b> is the only markup.
again = Riprova
back = Indietro
continue = Continua
help = Mi serve aiuto
not-me = Non ero io
footer = { $company } non Le chiederà mai il PIN o una password.
call-support = Chiama { $company }: { $phone }
reference = Riferimento
valid-until = Link valido fino alle
time = Ora
confirmed-at = Confermato
ended-at = Terminato

direction-title = Chi ha chiamato chi?
direction-text = Ha chiamato Lei { $company }, o qualcuno ha chiamato Lei?
direction-customer = Ho chiamato io { $company }
direction-company = Qualcuno mi ha chiamato
direction-none = Non sono al telefono

no-call-title = Nessuna chiamata in corso?
no-call-text = Se ha chiesto questo link a { $company }, può continuare. Se è una sorpresa, tocchi «Non ero io».

start-title = Confermi che è Lei
start-title-register = { $device ->
    [computer] Prepari questo computer per confermare che è Lei
   *[phone] Prepari questo telefono per confermare che è Lei
}
start-who = <b>{ $requester }</b> di <b>{ $company }</b> Le chiede di confermare che è davvero Lei.
start-who-company = <b>{ $company }</b> Le chiede di confermare che è davvero Lei.
start-who-register = <b>{ $requester }</b> di <b>{ $company }</b> Le chiede di farlo una sola volta, per sapere che è Lei.
start-who-register-company = <b>{ $company }</b> Le chiede di farlo una sola volta, per sapere che è Lei.
unlock-ios = Le verrà chiesto Face ID, Touch ID o il codice.
unlock-phone = Il telefono Le chiederà l’impronta, il volto o il blocco schermo.
unlock-computer = Il computer Le chiederà l’impronta, il volto o il PIN.
never-leaves = { $device ->
    [computer] Questi dati non lasciano mai il computer.
   *[phone] Questi dati non lasciano mai il telefono.
}
passkey-saved = Una passkey per { $company } viene salvata per la prossima volta.
no-script = <b>Questa pagina ha bisogno di JavaScript.</b> Lo attivi nelle impostazioni del browser, oppure apra il link in Safari o Chrome. Se non basta, lo dica a { $company }: possono aiutarLa in altro modo.
confirm = Conferma che sono io
confirm-register = Prepara e conferma
waiting = { $device ->
    [computer] In attesa del computer…
   *[phone] In attesa del telefono…
}
use-phone = Usa il mio telefono

statement-title = È corretto?
statement-caption = Lei conferma
statement-text = Se non è ciò che ha concordato, non confermi.

code-title = Inserisca il codice
code-text = La persona di { $company } Le legge sei cifre al telefono.
code-label = Sei cifre
code-short = Inserisca tutte e sei le cifre.
code-wrong = { $left ->
    [one] Il codice non è giusto. Le resta { $left } tentativo.
   *[other] Il codice non è giusto. Le restano { $left } tentativi.
}
code-late-title = Il codice è scaduto
code-late-text = Un codice vale solo cinque minuti. Non è stato confermato nulla.

checking-title = Verifica in corso…
checking-slow = La connessione è lenta. Stiamo ancora provando.

done-title = Grazie, è confermato
done-title-register = Tutto pronto e confermato
done-text = { $device ->
    [computer] Confermato con il blocco schermo di questo computer. { $company } ora lo vede.
   *[phone] Confermato con il blocco schermo di questo telefono. { $company } ora lo vede.
}
done-call = Può continuare la chiamata.
done-close = Può chiudere questa pagina.
phone-done-title = Confermato sul telefono
phone-done-text = { $company } ora lo vede.

open-title-app = Apra questa pagina nel Suo browser
open-title = Provi un altro browser
open-ios = È nel browser interno di un’app, che non può usare Face ID, Touch ID o il codice. Safari può. Basta un tocco:
open-other = È nel browser interno di un’app, che non può usare l’impronta, il volto o il blocco schermo. Il Suo browser può. Basta un tocco:
open-failed = Questo browser non ha potuto avviare la verifica. Non è stato confermato nulla. Di solito funziona con Safari su iPhone e con Chrome su Android.
open-browser = Apri nel mio browser
open-chrome = Apri in Chrome
open-safari = Apri in Safari
open-hint = Non succede nulla? Tocchi <b>⋯</b> o <b>⋮</b> al bordo dello schermo, poi «Apri nel browser». Oppure copi il link e lo incolli lì:
again-here = Riprova qui
link-label = Link di questa pagina
copy = Copia link
copied = Link copiato

phone-title = Usi il telefono
phone-text = Inquadri questo codice con la fotocamera del telefono. Lì si apre la stessa pagina. Questa pagina mostra quando ha finito.
phone-qr = Codice QR del link di questa pagina
stay-here = Continua su questo computer

lock-title = Attivi prima il blocco schermo
lock-text = Il telefono ha bisogno di un blocco schermo (PIN, impronta o volto).
lock-step-1 = Apra le <b>Impostazioni</b> del telefono.
lock-step-2 = Vada in <b>Sicurezza</b>, poi <b>Blocco schermo</b>, e lo attivi.
lock-step-3 = Torni a questa pagina.
lock-done = L’ho attivato

no-passkey-title = La Sua passkey non si trova qui
no-passkey-text = Non è stato confermato nulla. La passkey creata per { $company } potrebbe essere su un altro telefono, in un altro browser o account.
no-passkey-new = Ho un telefono nuovo
no-passkey-open = Apri in un altro browser

new-phone-title = Abbiamo avvisato { $company }
new-phone-text = Sanno che ha un telefono nuovo o che ha perso la passkey. Faranno una verifica con Lei in altro modo e poi invieranno un link per preparare questo telefono.
new-phone-old = Ha ancora il vecchio telefono? Apra il link lì:

cancelled-title = Nessun problema, non è stato confermato nulla
cancelled-text = Tocchi per riprovare quando vuole.
timeout-title = Ci è voluto un po’, ci siamo fermati
timeout-text = Non è stato confermato nulla. Faccia con calma e tocchi per riprovare.
trouble-title = Qualcosa non ha funzionato su questo dispositivo
trouble-text = Non è stato confermato nulla. Chiuda le altre finestre che chiedono lo sblocco e riprovi.
not-confirmed-title = Non abbiamo potuto confermare
not-confirmed-text = Può succedere. Riprovi con lo sblocco che usa di solito.
offline-title = Sembra che non ci sia connessione
offline-text = Non siamo riusciti a raggiungere { $company }. Controlli la connessione e riprovi. Il link è ancora valido.
server-title = Qualcosa non ha funzionato da parte nostra
server-text = Il link è ancora valido. Riprovi tra un momento.
once-more-title = Ancora un tocco, per favore
once-more-text = Questa pagina era aperta da un po’, perciò occorre confermare di nuovo.
lost-title = Connessione persa
lost-text = { $device ->
    [computer] La Sua risposta è al sicuro in questa pagina. Faccia clic per continuare: non dovrà sbloccare di nuovo il computer.
   *[phone] La Sua risposta è al sicuro in questa pagina. Tocchi per continuare: non dovrà sbloccare di nuovo il telefono.
}
wait-title = Un momento
wait-text = Ci sono stati molti tentativi in poco tempo. Potrà continuare dopo questa pausa:
busy-text = Dalla Sua rete sono state appena aperte molte pagine. Aspetti qualche secondo, poi riprovi.
already-title = { $device ->
    [computer] Questo computer è già pronto
   *[phone] Questo telefono è già pronto
}
already-text = Ha già una passkey per { $company }, perciò non è stato confermato nulla di nuovo. Lo dica alla persona di { $company }: può inviare un link che conferma che è Lei.
misfit-title = Qualcosa non va da parte nostra
misfit-text = Lei non ha sbagliato nulla e il link è ancora valido. Avvisi la persona di { $company } che lo ha inviato.
unable-title = { $device ->
    [computer] Questo computer non può fare questa verifica
   *[phone] Questo telefono non può fare questa verifica
}
unable-text = Non è stato confermato nulla. Se ha un altro telefono, apra il link lì. Oppure lo dica alla persona di { $company }: confermeranno in altro modo.
new-link-title = Serve un nuovo link
new-link-text = Questo link non va più bene, perché qualcosa è cambiato dopo l’invio. Non è stato confermato nulla.

help-title = Come funziona
help-what = { $device ->
    [computer] { $company } vuole essere sicura che è Lei. Lei sblocca il computer come sempre, e il computer ci dice che è riuscito. Non vediamo mai l’impronta, il volto o il PIN.
   *[phone] { $company } vuole essere sicura che è Lei. Lei sblocca il telefono come sempre, e il telefono ci dice che è riuscito. Non vediamo mai l’impronta, il volto o il PIN.
}
help-stuck = <b>Non riesce ad andare avanti?</b> Dica alla persona di { $company } che cosa vede: può inviare un nuovo link o aiutarLa in altro modo.
help-surprise = <b>Non se lo aspettava?</b> Non confermi. Riagganci e chiami { $company } a un numero che conosce già.

decline-title = Non è stato Lei?
decline-text = Chiuderemo questo link per sempre e avviseremo { $company }. Non verrà confermato nulla.
decline-call = Se qualcuno al telefono Le ha chiesto di aprirlo e qualcosa non La convince, riagganci subito.
decline-not-me = Non l’ho chiesto io
decline-stranger = Qualcuno mi ha chiamato e l’ha inviato

used-title = Fatto, già confermato
used-text = Questo link è stato usato ed è andato tutto bene. Non c’è altro da fare.
used-not-you = <b>Non è stato Lei?</b> Chiami subito { $company } a un numero che conosce già.
expired-title = Questo link è scaduto
expired-text = I link valgono per poco tempo, e il tempo di questo è passato. Non è stato confermato nulla.
revoked-title = Questo link è stato sostituito o annullato
revoked-text = Non funziona più e non ha confermato nulla.
revoked-do = <b>Che cosa fare:</b> se { $company } Le ha inviato un link più recente, apra quello. Altrimenti ne chieda uno nuovo.
failed-title = Questo link non si può più usare
failed-text = Troppi tentativi non sono riusciti, perciò il link è stato chiuso per proteggerLa. Non è stato confermato nulla.
declined-title = Ha detto che non è stato Lei
declined-text = Il link è chiuso e non è stato confermato nulla. { $company } è al corrente.
declined-do = <b>Che cosa fare:</b> se qualcuno è al telefono con Lei per questo, riagganci. Per parlare con { $company }, usi un numero che conosce già.
hang-up-title = Per favore, riagganci
hang-up-text = Qualcosa in questa chiamata non torna. Il link è chiuso, non è stato confermato nulla e { $company } è al corrente.
hang-up-do = <b>Che cosa fare:</b> chiuda la chiamata e non dica nessun codice. Per parlare con { $company }, usi un numero che conosce già.
ask-new-link = <b>Che cosa fare:</b> chieda un nuovo link alla persona di { $company } con cui sta parlando.
unknown-title = Non conosciamo questo link
unknown-text = Forse l’indirizzo è stato tagliato durante la copia.
unknown-do = <b>Che cosa fare:</b> apra di nuovo il link dal messaggio ricevuto, o ne chieda uno nuovo a { $company }.
