# Mails: a link for its customer, and notices of passkeys that come and go.
mail-link-subject = { $company }: confirme que es usted
mail-link-intro = { $company } le pide que confirme que es usted. Abra este enlace en su teléfono:
mail-link-open = Abrir la página
mail-link-once = El enlace funciona una sola vez y por poco tiempo.
mail-link-unexpected = ¿No esperaba este correo? Entonces no abra el enlace y avise a { $company } en un número de teléfono que conozca.
mail-never-asks = { $company } nunca le pide el PIN ni la contraseña de su teléfono.
mail-added-subject = { $company }: se ha añadido una nueva llave de acceso
mail-added-intro = Se ha añadido una nueva llave de acceso a su nombre en { $company }: { $moment }. Quien la tiene puede confirmar que es usted.
mail-removed-subject = { $company }: se ha eliminado una de sus llaves de acceso
mail-removed-intro = Se ha eliminado una de sus llaves de acceso en { $company }: { $moment }. Ya no se puede usar.
mail-app-added-subject = { $company }: se ha configurado una aplicación de autenticación para usted
mail-app-added-intro = Se ha configurado una aplicación de autenticación para usted en { $company }: { $moment }. Quien la tenga puede confirmar con sus códigos que es usted.
mail-app-removed-subject = { $company }: se ha eliminado su aplicación de autenticación
mail-app-removed-intro = Se ha eliminado su aplicación de autenticación en { $company }: { $moment }. Sus códigos ya no se pueden usar.
mail-not-you = ¿Ha sido usted? Entonces no tiene que hacer nada. Si no, llame enseguida a { $company } a un número de teléfono que conozca.
mail-not-you-phone = ¿Ha sido usted? Entonces no tiene que hacer nada. Si no, llame enseguida a { $company }: { $phone }.
mail-automatic = Este correo se ha enviado automáticamente. Nadie lee las respuestas.
