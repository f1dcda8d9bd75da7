# Mails: a link for its customer, and notices of passkeys that come and go.
mail-link-subject = { $company }: bevestig dat u het bent
mail-link-intro = { $company } vraagt u te bevestigen dat u het bent. Open deze link op uw telefoon:
mail-link-open = Pagina openen
mail-link-once = De link werkt één keer en maar kort.
mail-link-unexpected = Had u deze mail niet verwacht? Open de link dan niet en laat het { $company } weten via een telefoonnummer dat u kent.
mail-never-asks = { $company } vraagt u nooit om de pincode of het wachtwoord van uw telefoon.
mail-added-subject = { $company }: er is een nieuwe passkey toegevoegd
mail-added-intro = Bij { $company } is een nieuwe passkey voor u toegevoegd: { $moment }. Wie deze heeft, kan bevestigen dat hij u is.
mail-removed-subject = { $company }: een van uw passkeys is verwijderd
mail-removed-intro = Een van uw passkeys bij { $company } is verwijderd: { $moment }. Deze kan niet meer worden gebruikt.
mail-app-added-subject = { $company }: er is een authenticator-app voor u ingesteld
mail-app-added-intro = Bij { $company } is een authenticator-app voor u ingesteld: { $moment }. Wie deze app heeft, kan met de codes bevestigen dat hij u is.
mail-app-removed-subject = { $company }: uw authenticator-app is verwijderd
mail-app-removed-intro = Uw authenticator-app bij { $company } is verwijderd: { $moment }. De codes kunnen niet meer worden gebruikt.
mail-not-you = Was u dit? Dan hoeft u niets te doen. Zo niet, bel { $company } dan meteen via een telefoonnummer dat u kent.
mail-not-you-phone = Was u dit? Dan hoeft u niets te doen. Zo niet, bel { $company } dan meteen: { $phone }.
mail-automatic = Deze mail is automatisch verstuurd. Antwoorden worden niet gelezen.
