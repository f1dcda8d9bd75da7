# The known door: one field for the code that the agent reads out.
door-title = Inserisca il codice
door-intro = { $company } è al telefono e Le legge un codice? Scriva qui le dodici cifre.
door-label = Codice
door-go = Continua
door-wrong = Questo codice ora non funziona. Controlli le dodici cifre o chieda un codice nuovo: un codice vale al massimo dieci minuti.
door-wait = Sono stati inseriti troppi codici. Aspetti un minuto e riprovi.
door-note = Qui si scrive un codice che si ascolta. Nessuno di { $company } Le chiede di leggere un codice. Se una telefonata La sorprende, riattacchi e chiami un numero che conosce.
