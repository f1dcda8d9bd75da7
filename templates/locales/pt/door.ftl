# The known door: one field for the code that the agent reads out.
door-title = Escreva o seu código
door-intro = { $company } está ao telefone a ler-lhe um código? Escreva aqui os doze algarismos.
door-label = Código
door-go = Continuar
door-wrong = Este código não funciona agora. Confira os doze algarismos ou peça um código novo: um código vale dez minutos no máximo.
door-wait = Foram escritos códigos a mais. Espere um minuto e tente de novo.
door-note = Aqui escreve um código que ouve. Ninguém de { $company } lhe pede que leia um código. Se uma chamada o surpreender, desligue e ligue para um número que conheça.
