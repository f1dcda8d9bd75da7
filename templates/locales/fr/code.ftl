# Codes of an authenticator app, and recovery codes: their page, and the way to it.
app-link = Utiliser un code d’une application d’authentification
app-title = Confirmez avec un code de votre application
app-need = Il vous faut une application d’authentification : une application de votre téléphone qui affiche des codes à six chiffres. Beaucoup de gestionnaires de mots de passe le font aussi.
app-other = Confirmer autrement

app-add-title = Ajoutez { $company } à votre application
app-add-scan = Dans votre application d’authentification, choisissez d’ajouter un compte et scannez ce QR code.
app-add-qr = QR code qui ajoute { $company } à votre application
app-add-tap = L’application est sur ce téléphone ? Un geste ajoute { $company } :
app-add-open = Ouvrir dans mon application
app-add-key = Ou copiez cette clé dans votre application :
app-add-copy = Copier la clé
app-add-elsewhere = Mon application est sur un autre appareil
app-add-private = Ne montrez ceci à personne. Qui l’a peut créer vos codes.
app-add-done = Je l’ai ajouté
app-copied = Copié

app-code-title = Saisissez le code de votre application
app-code-text = Votre application affiche six chiffres pour { $company }, et de nouveaux toutes les 30 secondes.
app-code-wrong = Ce code n’est pas le bon, ou a déjà servi. Attendez que votre application affiche le suivant et saisissez-le.
app-code-private = Ne le saisissez qu’ici. Personne chez { $company } ne vous demandera de le dicter.
app-code-back = Revoir le QR code et la clé

app-recovery = Utiliser un code de secours
app-recovery-title = Saisissez un code de secours
app-recovery-text = Vous en avez reçu dix en préparant votre application. Chacun ne sert qu’une fois.
app-recovery-label = Code de secours
app-recovery-short = Veuillez saisir les dix lettres et chiffres.
app-recovery-wrong = Ce code de secours n’est pas le bon, ou a déjà servi. Vérifiez-le, ou prenez-en un autre.
app-recovery-back = Utiliser un code de mon application
app-recovery-none = J’ai perdu l’application et ces codes
app-told-text = On sait que vous ne pouvez plus utiliser votre application. On vérifiera avec vous autrement, puis on vous enverra un nouveau lien.

app-keep-title = Confirmé. Gardez maintenant ces codes
app-keep-text = Si vous perdez votre téléphone, chacun sert une fois à la place de votre application. Gardez-les là où vous seul les trouvez : ils ne seront plus affichés.
app-keep-codes = Codes de secours pour { $company }
app-keep-copy = Copier les codes
app-keep-print = Imprimer
app-keep-done = Je les ai gardés

app-done = Confirmé avec un code de votre application. { $company } le voit à présent.
app-done-recovery = Confirmé avec un code de secours, qui ne servira plus. { $company } le voit à présent.
app-mine = Voir ce que vous avez confirmé

app-none-title = Aucune application n’est encore prête
app-none-text = Rien n’a été confirmé. Vous n’avez pas encore d’application d’authentification pour { $company }, et ce lien ne peut pas en ajouter. Dites-le à la personne de { $company } : on pourra vous aider autrement.
app-lost-text = Votre code est conservé sur cette page. Touchez pour continuer.
app-help-what = { $company } veut être sûr que c’est bien vous. Votre application crée toutes les 30 secondes un nouveau code, que vous seul voyez. Vous le saisissez ici, sur cette page.
app-help-clock = <b>Votre code ne marche pas ?</b> Vérifiez que votre téléphone règle son heure automatiquement, puis saisissez le code le plus récent.
