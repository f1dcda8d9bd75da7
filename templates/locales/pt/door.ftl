# The known door: one field for the code that the agent reads out.
door-title = Digite seu código
door-intro = { $company } está ao telefone lendo um código para você? Digite aqui os doze números.
door-label = Código
door-go = Continuar
door-wrong = Esse código não funciona agora. Confira os doze números ou peça um código novo: um código vale no máximo dez minutos.
door-wait = Foram digitados códigos demais. Espere um minuto e tente de novo.
door-note = Aqui você digita um código que ouve. Ninguém de { $company } pede que você leia um código. Se uma ligação for uma surpresa, desligue e ligue para um número que você conhece.
