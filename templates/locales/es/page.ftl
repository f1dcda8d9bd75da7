# The customer's page. Names come in as variables; <b> is the only markup.
again = Reintentar
back = Atrás
continue = Continuar
help = Necesito ayuda
not-me = No he sido yo
footer = { $company } nunca le pedirá su PIN ni una contraseña.
call-support = Llamar a { $company }: { $phone }
reference = Referencia
valid-until = El enlace vale hasta
time = Hora
confirmed-at = Confirmado
ended-at = Finalizado

direction-title = ¿Quién llamó a quién?
direction-text = ¿Llamó usted a { $company } o le llamó alguien a usted?
direction-customer = Yo llamé a { $company }
direction-company = Alguien me llamó
direction-none = No estoy en una llamada

no-call-title = ¿No hay ninguna llamada ahora?
no-call-text = Si usted pidió este enlace a { $company }, puede seguir. Si le sorprende, toque «No he sido yo».

start-title = Confirme que es usted
start-title-register = { $device ->
    [computer] Prepare este ordenador para confirmar que es usted
   *[phone] Prepare este teléfono para confirmar que es usted
}
start-who = <b>{ $requester }</b>, de <b>{ $company }</b>, le pide que confirme que es realmente usted.
start-who-company = <b>{ $company }</b> le pide que confirme que es realmente usted.
start-who-register = <b>{ $requester }</b>, de <b>{ $company }</b>, le pide que haga esto una sola vez, para saber que es usted.
start-who-register-company = <b>{ $company }</b> le pide que haga esto una sola vez, para saber que es usted.
unlock-ios = Se le pedirá Face ID, Touch ID o su código.
unlock-phone = Su teléfono le pedirá la huella, el rostro o el bloqueo de pantalla.
unlock-computer = Su ordenador le pedirá la huella, el rostro o el PIN.
never-leaves = { $device ->
    [computer] Eso nunca sale de su ordenador.
   *[phone] Eso nunca sale de su teléfono.
}
passkey-saved = Se guarda una llave de acceso para { $company } para la próxima vez.
no-script = <b>Esta página necesita JavaScript.</b> Actívelo en los ajustes del navegador, o abra este enlace en Safari o Chrome. Si no funciona, avise a { $company }: pueden ayudarle de otra forma.
confirm = Confirmar que soy yo
confirm-register = Preparar y confirmar
waiting = { $device ->
    [computer] Esperando a su ordenador…
   *[phone] Esperando a su teléfono…
}
use-phone = Usar mi teléfono

statement-title = ¿Es correcto?
statement-caption = Usted confirma
statement-text = Si no es lo que acordó, no confirme.

code-title = Escriba el código
code-text = La persona de { $company } le dicta seis cifras por teléfono.
code-label = Seis cifras
code-short = Escriba las seis cifras, por favor.
code-wrong = { $left ->
    [one] Ese código no es correcto. Le queda { $left } intento.
   *[other] Ese código no es correcto. Le quedan { $left } intentos.
}
code-late-title = El código ha caducado
code-late-text = Un código solo vale cinco minutos. No se ha confirmado nada.

checking-title = Comprobando…
checking-slow = La conexión es lenta. Seguimos intentándolo.

done-title = Gracias, confirmado
done-title-register = Todo listo y confirmado
done-text = { $device ->
    [computer] Confirmado con el bloqueo de pantalla de este ordenador. { $company } ya puede verlo.
   *[phone] Confirmado con el bloqueo de pantalla de este teléfono. { $company } ya puede verlo.
}
done-call = Puede seguir con su llamada.
done-close = Puede cerrar esta página.
phone-done-title = Confirmado en su teléfono
phone-done-text = { $company } ya puede verlo.

open-title-app = Abra esta página en su navegador
open-title = Pruebe con otro navegador
open-ios = Está en el navegador interno de una aplicación, que no puede usar Face ID, Touch ID ni su código. Safari sí puede. Basta un toque:
open-other = Está en el navegador interno de una aplicación, que no puede usar su huella, su rostro ni el bloqueo de pantalla. Su navegador sí puede. Basta un toque:
open-failed = Este navegador no pudo iniciar la comprobación. No se ha confirmado nada. Suele funcionar en Safari en un iPhone y en Chrome en Android.
open-browser = Abrir en mi navegador
open-chrome = Abrir en Chrome
open-safari = Abrir en Safari
open-hint = ¿No ocurre nada? Toque <b>⋯</b> o <b>⋮</b> en el borde de la pantalla y luego «Abrir en el navegador». O copie el enlace y péguelo allí:
again-here = Reintentar aquí
link-label = Enlace de esta página
copy = Copiar enlace
copied = Enlace copiado

phone-title = Use su teléfono
phone-text = Apunte la cámara de su teléfono a este código. Allí se abre la misma página. Aquí verá cuándo ha terminado.
phone-qr = Código QR del enlace de esta página
stay-here = Continuar en este ordenador

lock-title = Active primero el bloqueo de pantalla
lock-text = Para esto, su teléfono necesita un bloqueo de pantalla (PIN, huella o rostro).
lock-step-1 = Abra los <b>Ajustes</b> de su teléfono.
lock-step-2 = Vaya a <b>Seguridad</b>, luego a <b>Bloqueo de pantalla</b>, y actívelo.
lock-step-3 = Vuelva a esta página.
lock-done = Ya lo he activado

no-passkey-title = No encontramos aquí su llave de acceso
no-passkey-text = No se ha confirmado nada. La llave de acceso que creó para { $company } puede estar en otro teléfono, navegador o cuenta.
no-passkey-new = Tengo un teléfono nuevo
no-passkey-open = Abrir en otro navegador

new-phone-title = Hemos avisado a { $company }
new-phone-text = Saben que tiene un teléfono nuevo o que perdió su llave de acceso. Lo comprobarán con usted de otra forma y después enviarán un enlace para preparar este teléfono.
new-phone-old = ¿Aún tiene su teléfono anterior? Abra el enlace allí:

cancelled-title = No pasa nada, no se ha confirmado nada
cancelled-text = Toque para reintentar cuando quiera.
timeout-title = Tardó un poco y lo hemos detenido
timeout-text = No se ha confirmado nada. Tómese su tiempo y toque para reintentar.
trouble-title = Algo falló en este dispositivo
trouble-text = No se ha confirmado nada. Cierre otras ventanas que pidan su bloqueo de pantalla e inténtelo de nuevo.
not-confirmed-title = No pudimos confirmarlo
not-confirmed-text = Puede ocurrir. Inténtelo de nuevo con el bloqueo de pantalla que usa siempre.
offline-title = Parece que no hay conexión
offline-text = No pudimos contactar con { $company }. Revise su conexión e inténtelo de nuevo. Su enlace sigue siendo válido.
server-title = Algo falló por nuestra parte
server-text = Su enlace sigue siendo válido. Inténtelo de nuevo en un momento.
once-more-title = Un toque más, por favor
once-more-text = Esta página llevaba un rato abierta, así que debe confirmar otra vez.
lost-title = Se perdió la conexión
lost-text = { $device ->
    [computer] Su respuesta está a salvo en esta página. Haga clic para continuar: no tendrá que desbloquear otra vez el ordenador.
   *[phone] Su respuesta está a salvo en esta página. Toque para continuar: no tendrá que desbloquear otra vez el teléfono.
}
wait-title = Un momento
wait-text = Hubo muchos intentos en poco tiempo. Podrá seguir tras esta pausa:
busy-text = Se acaban de abrir muchas páginas desde su red. Espere unos segundos e inténtelo de nuevo.
already-title = { $device ->
    [computer] Este ordenador ya está preparado
   *[phone] Este teléfono ya está preparado
}
already-text = Ya tiene una llave de acceso para { $company }, así que no se ha confirmado nada nuevo. Dígaselo a la persona de { $company }: puede enviarle un enlace que confirme que es usted.
misfit-title = Algo no funciona por nuestra parte
misfit-text = No es culpa suya, y su enlace sigue siendo válido. Avise a la persona de { $company } que lo envió.
unable-title = { $device ->
    [computer] Este ordenador no puede hacer esta comprobación
   *[phone] Este teléfono no puede hacer esta comprobación
}
unable-text = No se ha confirmado nada. Si tiene otro teléfono, abra el enlace allí. O dígaselo a la persona de { $company }: lo confirmarán de otra forma.
new-link-title = Necesita un enlace nuevo
new-link-text = Este enlace ya no sirve, porque algo cambió desde que se envió. No se ha confirmado nada.

help-title = Cómo funciona
help-what = { $device ->
    [computer] { $company } quiere asegurarse de que es usted. Usted desbloquea su ordenador como siempre y este nos dice que funcionó. Nunca vemos su huella, su rostro ni su PIN.
   *[phone] { $company } quiere asegurarse de que es usted. Usted desbloquea su teléfono como siempre y este nos dice que funcionó. Nunca vemos su huella, su rostro ni su PIN.
}
help-stuck = <b>¿No puede seguir?</b> Diga a la persona de { $company } lo que ve: puede enviarle otro enlace o ayudarle de otra forma.
help-surprise = <b>¿No lo esperaba?</b> No confirme. Cuelgue y contacte con { $company } en un número que ya conozca.

decline-title = ¿No ha sido usted?
decline-text = Cerraremos este enlace para siempre y avisaremos a { $company }. No se confirmará nada.
decline-call = Si alguien por teléfono le pidió abrirlo y le parece raro, cuelgue ahora.
decline-not-me = Yo no he pedido esto
decline-stranger = Alguien me llamó y lo envió

used-title = Listo, ya está confirmado
used-text = Este enlace se usó y todo salió bien. No tiene que hacer nada más.
used-not-you = <b>¿No ha sido usted?</b> Llame enseguida a { $company } a un número que ya conozca.
expired-title = Este enlace ha caducado
expired-text = Los enlaces solo valen poco tiempo y el de este ya ha pasado. No se ha confirmado nada.
revoked-title = Este enlace se sustituyó o se anuló
revoked-text = Ya no funciona y no se confirmó nada con él.
revoked-do = <b>Qué hacer:</b> si { $company } le envió un enlace más nuevo, abra ese. Si no, pida uno nuevo.
failed-title = Este enlace ya no se puede usar
failed-text = Hubo demasiados intentos fallidos y el enlace se cerró para protegerle. No se ha confirmado nada.
declined-title = Usted dijo que no había sido
declined-text = El enlace está cerrado y no se ha confirmado nada. Hemos avisado a { $company }.
declined-do = <b>Qué hacer:</b> si alguien está al teléfono con usted por esto, cuelgue. Para hablar con { $company }, use un número que ya conozca.
hang-up-title = Por favor, cuelgue
hang-up-text = Algo no encaja en esta llamada. El enlace está cerrado, no se ha confirmado nada y hemos avisado a { $company }.
hang-up-do = <b>Qué hacer:</b> termine la llamada y no diga ningún código. Para hablar con { $company }, use un número que ya conozca.
ask-new-link = <b>Qué hacer:</b> pida un enlace nuevo a la persona de { $company } con la que habla.
unknown-title = No conocemos este enlace
unknown-text = Puede que la dirección se cortara al copiarla.
unknown-do = <b>Qué hacer:</b> abra de nuevo el enlace del mensaje que recibió, o pida uno nuevo a { $company }.
