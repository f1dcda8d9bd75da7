# Codes of an authenticator app, and recovery codes: their page, and the way to it.
app-link = Usa un codice di un’app di autenticazione
app-title = Confermi con un codice della Sua app
app-need = Le serve un’app di autenticazione: un’app sul telefono che mostra codici di sei cifre. Lo fanno anche molti gestori di password.
app-other = Conferma in altro modo

app-add-title = Aggiunga { $company } alla Sua app
app-add-scan = Nella Sua app di autenticazione scelga di aggiungere un account e inquadri questo codice QR.
app-add-qr = Codice QR che aggiunge { $company } alla Sua app
app-add-tap = L’app è su questo telefono? Basta un tocco per aggiungere { $company }:
app-add-open = Apri nella mia app
app-add-key = Oppure copi questa chiave nella Sua app:
app-add-copy = Copia chiave
app-add-elsewhere = La mia app è su un altro dispositivo
app-add-private = Non la mostri a nessuno. Chi la possiede può creare i Suoi codici.
app-add-done = Fatto, aggiunto
app-copied = Copiato

app-code-title = Inserisca il codice della Sua app
app-code-text = La Sua app mostra sei cifre per { $company }, nuove ogni 30 secondi.
app-code-wrong = Il codice non è giusto o è già stato usato. Aspetti che l’app mostri il prossimo e inserisca quello.
app-code-private = Lo inserisca solo qui. Nessuno di { $company } Le chiederà di leggerlo.
app-code-back = Mostra di nuovo codice QR e chiave

app-recovery = Usa un codice di recupero
app-recovery-title = Inserisca un codice di recupero
app-recovery-text = Ne ha ricevuti dieci quando ha preparato la Sua app. Ognuno vale una volta sola.
app-recovery-label = Codice di recupero
app-recovery-short = Inserisca tutte e dieci le lettere e cifre.
app-recovery-wrong = Il codice di recupero non è giusto o è già stato usato. Lo controlli, o ne usi un altro.
app-recovery-back = Usa un codice della mia app
app-recovery-none = Ho perso l’app e questi codici
app-told-text = Sanno che non può più usare la Sua app. Verificheranno con Lei in altro modo e poi Le manderanno un nuovo link.

app-keep-title = Confermato. Ora conservi questi codici
app-keep-text = Se perde il telefono, ognuno vale una volta al posto della Sua app. Li conservi dove solo Lei li trova: non vengono più mostrati.
app-keep-codes = Codici di recupero per { $company }
app-keep-copy = Copia codici
app-keep-print = Stampa
app-keep-done = Li ho conservati

app-done = Confermato con un codice della Sua app. { $company } ora lo vede.
app-done-recovery = Confermato con un codice di recupero, che ora non vale più. { $company } ora lo vede.
app-mine = Vedi che cosa ha confermato

app-none-title = Nessuna app è ancora pronta
app-none-text = Non è stato confermato nulla. Non ha ancora un’app di autenticazione per { $company }, e questo link non può aggiungerla. Lo dica alla persona di { $company }: possono aiutarLa in altro modo.
app-lost-text = Il Suo codice è al sicuro su questa pagina. Tocchi per continuare.
app-help-what = { $company } vuole essere sicura che sia Lei. La Sua app crea ogni 30 secondi un nuovo codice, che vede solo Lei. Lo inserisce qui, su questa pagina.
app-help-clock = <b>Il codice non funziona?</b> Controlli che il telefono regoli l’ora automaticamente, poi inserisca il codice più recente.
