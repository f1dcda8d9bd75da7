# The customer's page. Names come in as variables; <b> is the only markup.
again = Réessayer
back = Retour
continue = Continuer
help = J’ai besoin d’aide
not-me = Ce n’était pas moi
footer = { $company } ne vous demandera jamais votre code PIN ni un mot de passe.
call-support = Appeler { $company } : { $phone }
reference = Référence
valid-until = Lien valable jusqu’à
time = Heure
confirmed-at = Confirmé
ended-at = Terminé

direction-title = Qui a appelé qui ?
direction-text = Avez-vous appelé { $company }, ou quelqu’un vous a-t-il appelé ?
direction-customer = J’ai appelé { $company }
direction-company = Quelqu’un m’a appelé
direction-none = Je ne suis pas en ligne

no-call-title = Pas d’appel en ce moment ?
no-call-text = Si vous avez demandé ce lien à { $company }, vous pouvez continuer. S’il vous surprend, touchez « Ce n’était pas moi ».

start-title = Confirmez que c’est bien vous
start-title-register = { $device ->
    [computer] Préparez cet ordinateur pour confirmer que c’est vous
   *[phone] Préparez ce téléphone pour confirmer que c’est vous
}
start-who = <b>{ $requester }</b>, de <b>{ $company }</b>, vous demande de confirmer que c’est bien vous.
start-who-company = <b>{ $company }</b> vous demande de confirmer que c’est bien vous.
start-who-register = <b>{ $requester }</b>, de <b>{ $company }</b>, vous demande de faire ceci une seule fois, pour savoir que c’est vous.
start-who-register-company = <b>{ $company }</b> vous demande de faire ceci une seule fois, pour savoir que c’est vous.
unlock-ios = Face ID, Touch ID ou votre code vous sera demandé.
unlock-phone = Votre téléphone vous demandera votre empreinte, votre visage ou le verrouillage de l’écran.
unlock-computer = Votre ordinateur vous demandera votre empreinte, votre visage ou votre code PIN.
never-leaves = { $device ->
    [computer] Cela ne quitte jamais votre ordinateur.
   *[phone] Cela ne quitte jamais votre téléphone.
}
passkey-saved = Une clé d’accès pour { $company } est enregistrée pour la prochaine fois.
no-script = <b>Cette page a besoin de JavaScript.</b> Activez-le dans les réglages du navigateur, ou ouvrez ce lien dans Safari ou Chrome. Si cela ne suffit pas, prévenez { $company } : on pourra vous aider autrement.
confirm = Confirmer que c’est moi
confirm-register = Préparer et confirmer
waiting = { $device ->
    [computer] En attente de votre ordinateur…
   *[phone] En attente de votre téléphone…
}
use-phone = Utiliser mon téléphone

statement-title = Est-ce exact ?
statement-caption = Vous confirmez
statement-text = Si ce n’est pas ce que vous avez convenu, ne confirmez pas.

code-title = Saisissez le code
code-text = La personne de { $company } vous dicte six chiffres au téléphone.
code-label = Six chiffres
code-short = Veuillez saisir les six chiffres.
code-wrong = { $left ->
    [one] Ce code n’est pas le bon. Il vous reste { $left } essai.
   *[other] Ce code n’est pas le bon. Il vous reste { $left } essais.
}
code-late-title = Le code a expiré
code-late-text = Un code n’est valable que cinq minutes. Rien n’a été confirmé.

checking-title = Vérification…
checking-slow = La connexion est lente. Nous essayons encore.

done-title = Merci, c’est confirmé
done-title-register = Tout est prêt et confirmé
done-text = { $device ->
    [computer] Confirmé avec le verrouillage de cet ordinateur. { $company } le voit à présent.
   *[phone] Confirmé avec le verrouillage de ce téléphone. { $company } le voit à présent.
}
done-call = Vous pouvez poursuivre votre appel.
done-close = Vous pouvez fermer cette page.
phone-done-title = Confirmé sur votre téléphone
phone-done-text = { $company } le voit à présent.

open-title-app = Ouvrez cette page dans votre navigateur
open-title = Essayez un autre navigateur
open-ios = Vous êtes dans le navigateur intégré d’une application, qui ne peut pas utiliser Face ID, Touch ID ni votre code. Safari le peut. Il suffit d’un geste :
open-other = Vous êtes dans le navigateur intégré d’une application, qui ne peut pas utiliser votre empreinte, votre visage ni le verrouillage de l’écran. Votre navigateur le peut. Il suffit d’un geste :
open-failed = Ce navigateur n’a pas pu lancer la vérification. Rien n’a été confirmé. Cela fonctionne en général avec Safari sur iPhone et avec Chrome sur Android.
open-browser = Ouvrir dans mon navigateur
open-chrome = Ouvrir dans Chrome
open-safari = Ouvrir dans Safari
open-hint = Rien ne se passe ? Touchez <b>⋯</b> ou <b>⋮</b> au bord de l’écran, puis « Ouvrir dans le navigateur ». Ou copiez le lien et collez-le là-bas :
again-here = Réessayer ici
link-label = Lien de cette page
copy = Copier le lien
copied = Lien copié

phone-title = Utilisez votre téléphone
phone-text = Visez ce code avec l’appareil photo de votre téléphone. La même page s’y ouvre. Cette page-ci indique quand c’est fait.
phone-qr = QR code du lien de cette page
stay-here = Continuer sur cet ordinateur

lock-title = Activez d’abord le verrouillage de l’écran
lock-text = Pour cela, votre téléphone a besoin d’un verrouillage (code PIN, empreinte ou visage).
lock-step-1 = Ouvrez les <b>Paramètres</b> de votre téléphone.
lock-step-2 = Allez dans <b>Sécurité</b>, puis <b>Verrouillage de l’écran</b>, et activez-le.
lock-step-3 = Revenez sur cette page.
lock-done = C’est activé

no-passkey-title = Votre clé d’accès est introuvable ici
no-passkey-text = Rien n’a été confirmé. La clé d’accès créée pour { $company } se trouve peut-être sur un autre téléphone, dans un autre navigateur ou un autre compte.
no-passkey-new = J’ai un nouveau téléphone
no-passkey-open = Ouvrir dans un autre navigateur

new-phone-title = Nous avons prévenu { $company }
new-phone-text = On sait que vous avez un nouveau téléphone ou que vous avez perdu votre clé d’accès. On vérifiera avec vous autrement, puis on vous enverra un lien pour préparer ce téléphone.
new-phone-old = Vous avez encore l’ancien téléphone ? Ouvrez-y le lien :

cancelled-title = Pas de souci, rien n’a été confirmé
cancelled-text = Touchez pour réessayer quand vous voulez.
timeout-title = C’était un peu long, nous avons arrêté
timeout-text = Rien n’a été confirmé. Prenez votre temps et touchez pour réessayer.
trouble-title = Un problème est survenu sur cet appareil
trouble-text = Rien n’a été confirmé. Fermez les autres fenêtres qui demandent le déverrouillage, puis réessayez.
not-confirmed-title = Nous n’avons pas pu confirmer
not-confirmed-text = Cela peut arriver. Réessayez avec le déverrouillage que vous utilisez d’habitude.
offline-title = Vous semblez être hors ligne
offline-text = Nous n’avons pas pu joindre { $company }. Vérifiez votre connexion et réessayez. Votre lien reste valable.
server-title = Un problème est survenu de notre côté
server-text = Votre lien reste valable. Réessayez dans un instant.
once-more-title = Encore un geste, s’il vous plaît
once-more-text = Cette page était ouverte depuis un moment : veuillez confirmer à nouveau.
lost-title = La connexion a été perdue
lost-text = { $device ->
    [computer] Votre réponse est conservée sur cette page. Cliquez pour continuer : vous n’aurez pas à déverrouiller à nouveau votre ordinateur.
   *[phone] Votre réponse est conservée sur cette page. Touchez pour continuer : vous n’aurez pas à déverrouiller à nouveau votre téléphone.
}
wait-title = Un instant
wait-text = Il y a eu beaucoup d’essais en peu de temps. Vous pourrez continuer après cette pause :
busy-text = Beaucoup de pages viennent d’être ouvertes depuis votre réseau. Attendez quelques secondes, puis réessayez.
already-title = { $device ->
    [computer] Cet ordinateur est déjà prêt
   *[phone] Ce téléphone est déjà prêt
}
already-text = Il a déjà une clé d’accès pour { $company } : rien de nouveau n’a été confirmé. Dites-le à la personne de { $company } : elle peut envoyer un lien qui confirme que c’est vous.
misfit-title = Quelque chose ne va pas de notre côté
misfit-text = Vous n’y êtes pour rien, et votre lien reste valable. Prévenez la personne de { $company } qui l’a envoyé.
unable-title = { $device ->
    [computer] Cet ordinateur ne peut pas faire cette vérification
   *[phone] Ce téléphone ne peut pas faire cette vérification
}
unable-text = Rien n’a été confirmé. Si vous avez un autre téléphone, ouvrez-y le lien. Ou dites-le à la personne de { $company } : on confirmera autrement que c’est vous.
new-link-title = Il vous faut un nouveau lien
new-link-text = Ce lien ne convient plus, car quelque chose a changé depuis son envoi. Rien n’a été confirmé.

help-title = Comment ça marche
help-what = { $device ->
    [computer] { $company } veut être sûr que c’est bien vous. Vous déverrouillez votre ordinateur comme d’habitude, et il nous dit que cela a réussi. Nous ne voyons jamais votre empreinte, votre visage ni votre code.
   *[phone] { $company } veut être sûr que c’est bien vous. Vous déverrouillez votre téléphone comme d’habitude, et il nous dit que cela a réussi. Nous ne voyons jamais votre empreinte, votre visage ni votre code.
}
help-stuck = <b>Vous n’avancez plus ?</b> Dites à la personne de { $company } ce que vous voyez : elle peut envoyer un nouveau lien ou vous aider autrement.
help-surprise = <b>Vous ne vous y attendiez pas ?</b> Ne confirmez pas. Raccrochez et appelez { $company } à un numéro que vous connaissez déjà.

decline-title = Ce n’était pas vous ?
decline-text = Nous fermerons ce lien définitivement et préviendrons { $company }. Rien ne sera confirmé.
decline-call = Si quelqu’un vous a demandé au téléphone de l’ouvrir et que cela vous semble étrange, raccrochez maintenant.
decline-not-me = Je n’ai rien demandé
decline-stranger = Quelqu’un m’a appelé et l’a envoyé

used-title = C’est fait, déjà confirmé
used-text = Ce lien a été utilisé et tout s’est bien passé. Il n’y a plus rien à faire.
used-not-you = <b>Ce n’était pas vous ?</b> Appelez tout de suite { $company } à un numéro que vous connaissez déjà.
expired-title = Ce lien a expiré
expired-text = Les liens ne fonctionnent qu’un court moment, et le temps de celui-ci est passé. Rien n’a été confirmé.
revoked-title = Ce lien a été remplacé ou annulé
revoked-text = Il ne fonctionne plus, et rien n’a été confirmé avec lui.
revoked-do = <b>Que faire :</b> si { $company } vous a envoyé un lien plus récent, ouvrez-le. Sinon, demandez un nouveau lien.
failed-title = Ce lien ne peut plus être utilisé
failed-text = Trop d’essais ont échoué : le lien a été fermé pour vous protéger. Rien n’a été confirmé.
declined-title = Vous avez dit que ce n’était pas vous
declined-text = Le lien est fermé et rien n’a été confirmé. { $company } a été prévenu.
declined-do = <b>Que faire :</b> si quelqu’un est en ligne avec vous à ce sujet, raccrochez. Pour joindre { $company }, utilisez un numéro que vous connaissez déjà.
hang-up-title = Veuillez raccrocher
hang-up-text = Quelque chose ne va pas dans cet appel. Le lien est fermé, rien n’a été confirmé et { $company } a été prévenu.
hang-up-do = <b>Que faire :</b> mettez fin à l’appel et ne donnez aucun code. Pour joindre { $company }, utilisez un numéro que vous connaissez déjà.
ask-new-link = <b>Que faire :</b> demandez un nouveau lien à la personne de { $company } avec qui vous parlez.
unknown-title = Nous ne connaissons pas ce lien
unknown-text = L’adresse a peut-être été coupée lors de la copie.
unknown-do = <b>Que faire :</b> rouvrez le lien depuis le message reçu, ou demandez-en un nouveau à { $company }.
