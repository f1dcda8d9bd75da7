# Mails: a link for its customer, and notices of passkeys that come and go.
mail-link-subject = { $company }: confermi che è Lei
mail-link-intro = { $company } Le chiede di confermare che è Lei. Apra questo link sul Suo telefono:
mail-link-open = Apri la pagina
mail-link-once = Il link funziona una sola volta e per poco tempo.
mail-link-unexpected = Non si aspettava questa email? Allora non apra il link e avvisi { $company } a un numero di telefono che conosce.
mail-never-asks = { $company } non Le chiede mai il PIN o la password del telefono.
mail-added-subject = { $company }: è stata aggiunta una nuova passkey
mail-added-intro = È stata aggiunta una nuova passkey a Suo nome presso { $company }: { $moment }. Chi la possiede può confermare di essere Lei.
mail-removed-subject = { $company }: una delle Sue passkey è stata rimossa
mail-removed-intro = Una delle Sue passkey presso { $company } è stata rimossa: { $moment }. Non si può più usare.
mail-app-added-subject = { $company }: è stata configurata un’app di autenticazione per Lei
mail-app-added-intro = È stata configurata un’app di autenticazione per Lei presso { $company }: { $moment }. Chi la possiede può confermare con i suoi codici di essere Lei.
mail-app-removed-subject = { $company }: la Sua app di autenticazione è stata rimossa
mail-app-removed-intro = La Sua app di autenticazione presso { $company } è stata rimossa: { $moment }. I suoi codici non possono più essere usati.
mail-not-you = È stato Lei? Allora non deve fare nulla. Altrimenti chiami subito { $company } a un numero di telefono che conosce.
mail-not-you-phone = È stato Lei? Allora non deve fare nulla. Altrimenti chiami subito { $company }: { $phone }.
mail-automatic = Questa email è stata inviata automaticamente. Nessuno legge le risposte.
