# Mails: a link for its customer, and notices of passkeys that come and go.
mail-link-subject = { $company }: Bitte bestätigen Sie, dass Sie es sind
mail-link-intro = { $company } bittet Sie zu bestätigen, dass Sie es sind. Öffnen Sie diesen Link auf Ihrem Telefon:
mail-link-open = Seite öffnen
mail-link-once = Der Link gilt einmal und nur kurze Zeit.
mail-link-unexpected = Sie haben diese Mail nicht erwartet? Dann öffnen Sie den Link nicht und sagen Sie { $company } unter einer Telefonnummer Bescheid, die Sie kennen.
mail-never-asks = { $company } fragt Sie nie nach der PIN oder dem Passwort Ihres Telefons.
mail-added-subject = { $company }: Ein neuer Passkey wurde hinzugefügt
mail-added-intro = Bei { $company } wurde ein neuer Passkey für Sie hinzugefügt: { $moment }. Wer ihn hat, kann bestätigen, Sie zu sein.
mail-removed-subject = { $company }: Einer Ihrer Passkeys wurde entfernt
mail-removed-intro = Einer Ihrer Passkeys bei { $company } wurde entfernt: { $moment }. Er kann nicht mehr benutzt werden.
mail-app-added-subject = { $company }: Eine Authenticator-App wurde eingerichtet
mail-app-added-intro = Bei { $company } wurde eine Authenticator-App für Sie eingerichtet: { $moment }. Wer sie hat, kann mit ihren Codes bestätigen, Sie zu sein.
mail-app-removed-subject = { $company }: Ihre Authenticator-App wurde entfernt
mail-app-removed-intro = Ihre Authenticator-App bei { $company } wurde entfernt: { $moment }. Ihre Codes können nicht mehr benutzt werden.
mail-not-you = Waren Sie das? Dann müssen Sie nichts tun. Wenn nicht, rufen Sie { $company } sofort unter einer Telefonnummer an, die Sie kennen.
mail-not-you-phone = Waren Sie das? Dann müssen Sie nichts tun. Wenn nicht, rufen Sie { $company } sofort an: { $phone }.
mail-automatic = Diese Mail wurde automatisch verschickt. Antworten darauf liest niemand.
