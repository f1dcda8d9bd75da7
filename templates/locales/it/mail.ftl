# Mails: a link for its customer, and notices of passkeys that come and go.
mail-link-subject = { $company }: confermi che è lei
mail-link-intro = { $company } le chiede di confermare che è lei. Apra questo link sul suo telefono:
mail-link-open = Apri la pagina
mail-link-once = Il link funziona una sola volta e per poco tempo.
mail-link-unexpected = Non si aspettava questa email? Allora non apra il link e avvisi { $company } a un numero di telefono che conosce.
mail-never-asks = { $company } non le chiede mai il PIN o la password del telefono.
mail-added-subject = { $company }: è stata aggiunta una nuova passkey
mail-added-intro = È stata aggiunta una nuova passkey a suo nome presso { $company }: { $moment }. Chi la possiede può confermare di essere lei.
mail-removed-subject = { $company }: una delle sue passkey è stata rimossa
mail-removed-intro = Una delle sue passkey presso { $company } è stata rimossa: { $moment }. Non si può più usare.
mail-not-you = È stato lei? Allora non deve fare nulla. Altrimenti chiami subito { $company } a un numero di telefono che conosce.
mail-not-you-phone = È stato lei? Allora non deve fare nulla. Altrimenti chiami subito { $company }: { $phone }.
mail-automatic = Questa email è stata inviata automaticamente. Nessuno legge le risposte.
