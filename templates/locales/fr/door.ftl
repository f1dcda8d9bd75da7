# The known door: one field for the code that the agent reads out.
door-title = Saisissez votre code
door-intro = { $company } est au téléphone et vous lit un code ? Saisissez ici ses douze chiffres.
door-label = Code
door-go = Continuer
door-wrong = Ce code ne fonctionne pas pour le moment. Vérifiez les douze chiffres ou demandez un nouveau code : un code vaut dix minutes au plus.
door-wait = Trop de codes ont été saisis. Attendez une minute et réessayez.
door-note = Ici, vous saisissez un code que vous entendez. Personne chez { $company } ne vous demande de lire un code. Si un appel vous surprend, raccrochez et appelez un numéro que vous connaissez.
