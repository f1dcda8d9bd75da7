# The known door: one field for the code that the agent reads out.
door-title = Escriba su código
door-intro = ¿Está { $company } al teléfono leyéndole un código? Escriba aquí sus doce cifras.
door-label = Código
door-go = Continuar
door-wrong = Ese código no funciona ahora. Revise las doce cifras o pida un código nuevo: cada código vale diez minutos como máximo.
door-wait = Se han escrito demasiados códigos. Espere un minuto y vuelva a intentarlo.
door-note = Aquí escribe un código que usted oye. Nadie de { $company } le pide que le lea un código. Si una llamada le sorprende, cuelgue y llame a un número que conozca.
