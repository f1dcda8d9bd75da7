# Codes of an authenticator app, and recovery codes: their page, and the way to it.
app-link = Usar un código de una app de autenticación
app-title = Confirme con un código de su app
app-need = Para esto necesita una app de autenticación: una app de su teléfono que muestra códigos de seis cifras. Muchos gestores de contraseñas también lo hacen.
app-other = Confirmar de otra forma

app-add-title = Añada { $company } a su app
app-add-scan = En su app de autenticación, elija añadir una cuenta y escanee este código QR.
app-add-qr = Código QR que añade { $company } a su app
app-add-tap = ¿Tiene la app en este teléfono? Un toque añade { $company }:
app-add-open = Abrir en mi app
app-add-key = O copie esta clave en su app:
app-add-copy = Copiar clave
app-add-elsewhere = Mi app está en otro dispositivo
app-add-private = No se la enseñe a nadie. Quien la tenga puede generar sus códigos.
app-add-done = Ya lo he añadido
app-copied = Copiado

app-code-title = Escriba el código de su app
app-code-text = Su app muestra seis cifras para { $company }, y otras nuevas cada 30 segundos.
app-code-wrong = Ese código no es correcto o ya se usó. Espere a que su app muestre el siguiente y escríbalo.
app-code-private = Escríbalo solo aquí. Nadie de { $company } le pedirá que se lo lea.
app-code-back = Ver otra vez el código QR y la clave

app-recovery = Usar un código de recuperación
app-recovery-title = Escriba un código de recuperación
app-recovery-text = Recibió diez cuando preparó su app. Cada uno vale una sola vez.
app-recovery-label = Código de recuperación
app-recovery-short = Escriba las diez letras y cifras, por favor.
app-recovery-wrong = Ese código de recuperación no es correcto o ya se usó. Revíselo o use otro.
app-recovery-back = Usar un código de mi app
app-recovery-none = He perdido la app y estos códigos
app-told-text = Ya saben que no puede usar su app. Lo comprobarán con usted de otra forma y después le enviarán un enlace nuevo.

app-keep-title = Confirmado. Guarde ahora estos códigos
app-keep-text = Si pierde el teléfono, cada uno vale una vez en lugar de su app. Guárdelos donde solo usted los encuentre: no se vuelven a mostrar.
app-keep-codes = Códigos de recuperación de { $company }
app-keep-copy = Copiar códigos
app-keep-print = Imprimir
app-keep-done = Ya los he guardado

app-done = Confirmado con un código de su app. { $company } ya puede verlo.
app-done-recovery = Confirmado con un código de recuperación, que ya no vuelve a valer. { $company } ya puede verlo.
app-mine = Ver lo que ha confirmado

app-none-title = Todavía no hay ninguna app preparada
app-none-text = No se ha confirmado nada. Aún no tiene una app de autenticación para { $company }, y este enlace no puede añadirla. Dígaselo a la persona de { $company }: pueden ayudarle de otra forma.
app-lost-text = Su código está a salvo en esta página. Toque para continuar.
app-help-what = { $company } quiere estar seguro de que es usted. Su app crea un código nuevo cada 30 segundos, que solo usted ve. Lo escribe aquí, en esta página.
app-help-clock = <b>¿Su código no funciona?</b> Compruebe que su teléfono ajusta la hora automáticamente y escriba el código más reciente.
