# Mails: a link for its customer, and notices of passkeys that come and go.
mail-link-subject = { $company } : merci de confirmer que c’est bien vous
mail-link-intro = { $company } vous demande de confirmer que c’est bien vous. Ouvrez ce lien sur votre téléphone :
mail-link-open = Ouvrir la page
mail-link-once = Le lien ne fonctionne qu’une fois et pendant peu de temps.
mail-link-unexpected = Vous n’attendiez pas ce message ? Alors n’ouvrez pas le lien et prévenez { $company } à un numéro de téléphone que vous connaissez.
mail-never-asks = { $company } ne vous demande jamais le code PIN ni le mot de passe de votre téléphone.
mail-added-subject = { $company } : une nouvelle clé d’accès a été ajoutée
mail-added-intro = Une nouvelle clé d’accès a été ajoutée pour vous chez { $company } : { $moment }. Qui la possède peut confirmer être vous.
mail-removed-subject = { $company } : une de vos clés d’accès a été supprimée
mail-removed-intro = Une de vos clés d’accès chez { $company } a été supprimée : { $moment }. Elle ne peut plus servir.
mail-app-added-subject = { $company } : une application d’authentification a été configurée pour vous
mail-app-added-intro = Une application d’authentification a été configurée pour vous chez { $company } : { $moment }. Qui la possède peut confirmer avec ses codes être vous.
mail-app-removed-subject = { $company } : votre application d’authentification a été supprimée
mail-app-removed-intro = Votre application d’authentification chez { $company } a été supprimée : { $moment }. Ses codes ne peuvent plus servir.
mail-not-you = C’était vous ? Alors vous n’avez rien à faire. Sinon, appelez tout de suite { $company } à un numéro de téléphone que vous connaissez.
mail-not-you-phone = C’était vous ? Alors vous n’avez rien à faire. Sinon, appelez tout de suite { $company } : { $phone }.
mail-automatic = Ce message a été envoyé automatiquement. Personne ne lit les réponses.
