# The customer's page. Names come in as variables; <b> is the only markup.
again = Tentar de novo
back = Voltar
continue = Continuar
help = Preciso de ajuda
not-me = Não fui eu
footer = { $company } nunca pedirá seu PIN nem uma senha.
call-support = Ligar para { $company }: { $phone }
reference = Referência
valid-until = Link válido até
time = Hora
confirmed-at = Confirmado
ended-at = Encerrado

direction-title = Quem ligou para quem?
direction-text = Você ligou para { $company } ou alguém ligou para você?
direction-customer = Eu liguei para { $company }
direction-company = Alguém me ligou
direction-none = Não estou em uma chamada

no-call-title = Nenhuma chamada agora?
no-call-text = Se você pediu este link a { $company }, pode continuar. Se ele é uma surpresa, toque em “Não fui eu”.

start-title = Confirme que é você
start-title-register = { $device ->
    [computer] Prepare este computador para confirmar que é você
   *[phone] Prepare este celular para confirmar que é você
}
start-who = <b>{ $requester }</b>, de <b>{ $company }</b>, pede que você confirme que é você mesmo.
start-who-company = <b>{ $company }</b> pede que você confirme que é você mesmo.
start-who-register = <b>{ $requester }</b>, de <b>{ $company }</b>, pede que você faça isto uma única vez, para saber que é você.
start-who-register-company = <b>{ $company }</b> pede que você faça isto uma única vez, para saber que é você.
unlock-ios = Será pedido o Face ID, o Touch ID ou o seu código.
unlock-phone = Seu celular pedirá sua digital, seu rosto ou o bloqueio de tela.
unlock-computer = Seu computador pedirá sua digital, seu rosto ou o PIN.
never-leaves = { $device ->
    [computer] Isso nunca sai do seu computador.
   *[phone] Isso nunca sai do seu celular.
}
passkey-saved = Uma chave de acesso para { $company } é guardada para a próxima vez.
no-script = <b>Esta página precisa de JavaScript.</b> Ative-o nas configurações do navegador ou abra este link no Safari ou no Chrome. Se não adiantar, avise { $company }: podem ajudar de outra forma.
confirm = Confirmar que sou eu
confirm-register = Preparar e confirmar
waiting = { $device ->
    [computer] Aguardando seu computador…
   *[phone] Aguardando seu celular…
}
use-phone = Usar meu celular

statement-title = Está correto?
statement-caption = Você confirma
statement-text = Se não foi isso que você combinou, não confirme.

code-title = Digite o código
code-text = A pessoa de { $company } lê seis números para você ao telefone.
code-label = Seis números
code-short = Digite os seis números, por favor.
code-wrong = { $left ->
    [one] Esse código não está certo. Você tem mais { $left } tentativa.
   *[other] Esse código não está certo. Você tem mais { $left } tentativas.
}
code-late-title = O código venceu
code-late-text = Um código vale só cinco minutos. Nada foi confirmado.

checking-title = Verificando…
checking-slow = A conexão está lenta. Ainda estamos tentando.

done-title = Obrigado, está confirmado
done-title-register = Tudo pronto e confirmado
done-text = { $device ->
    [computer] Confirmado com o bloqueio de tela deste computador. { $company } já pode ver.
   *[phone] Confirmado com o bloqueio de tela deste celular. { $company } já pode ver.
}
done-call = Você pode continuar sua chamada.
done-close = Você pode fechar esta página.
phone-done-title = Confirmado no seu celular
phone-done-text = { $company } já pode ver.

open-title-app = Abra esta página no seu navegador
open-title = Tente outro navegador
open-ios = Você está no navegador interno de um aplicativo, que não pode usar o Face ID, o Touch ID nem o seu código. O Safari pode. Basta um toque:
open-other = Você está no navegador interno de um aplicativo, que não pode usar sua digital, seu rosto nem o bloqueio de tela. Seu navegador pode. Basta um toque:
open-failed = Este navegador não conseguiu iniciar a verificação. Nada foi confirmado. Costuma funcionar no Safari em um iPhone e no Chrome no Android.
open-browser = Abrir no meu navegador
open-chrome = Abrir no Chrome
open-safari = Abrir no Safari
open-hint = Nada acontece? Toque em <b>⋯</b> ou <b>⋮</b> na borda da tela e depois em “Abrir no navegador”. Ou copie o link e cole lá:
again-here = Tentar de novo aqui
link-label = Link desta página
copy = Copiar link
copied = Link copiado

phone-title = Use seu celular
phone-text = Aponte a câmera do celular para este código. A mesma página abre lá. Esta página mostra quando você terminar.
phone-qr = Código QR do link desta página
stay-here = Continuar neste computador

lock-title = Ative primeiro o bloqueio de tela
lock-text = Para isto, seu celular precisa de um bloqueio de tela (PIN, digital ou rosto).
lock-step-1 = Abra as <b>Configurações</b> do celular.
lock-step-2 = Vá em <b>Segurança</b>, depois <b>Bloqueio de tela</b>, e ative-o.
lock-step-3 = Volte a esta página.
lock-done = Já ativei

no-passkey-title = Não encontramos sua chave de acesso aqui
no-passkey-text = Nada foi confirmado. A chave de acesso que você criou para { $company } pode estar em outro celular, navegador ou conta.
no-passkey-new = Tenho um celular novo
no-passkey-open = Abrir em outro navegador

new-phone-title = Avisamos { $company }
new-phone-text = Já sabem que você tem um celular novo ou perdeu a chave de acesso. Vão verificar com você de outra forma e depois enviar um link para preparar este celular.
new-phone-old = Ainda tem o celular antigo? Abra o link nele:

cancelled-title = Sem problema, nada foi confirmado
cancelled-text = Toque para tentar de novo quando quiser.
timeout-title = Demorou um pouco, então paramos
timeout-text = Nada foi confirmado. Não tenha pressa e toque para tentar de novo.
trouble-title = Algo deu errado neste aparelho
trouble-text = Nada foi confirmado. Feche outras janelas que pedem o bloqueio de tela e tente de novo.
not-confirmed-title = Não conseguimos confirmar
not-confirmed-text = Isso pode acontecer. Tente de novo com o bloqueio de tela que você usa normalmente.
offline-title = Parece que você está sem conexão
offline-text = Não conseguimos contato com { $company }. Verifique sua conexão e tente de novo. Seu link ainda vale.
server-title = Algo deu errado do nosso lado
server-text = Seu link ainda vale. Tente de novo daqui a pouco.
once-more-title = Só mais um toque, por favor
once-more-text = Esta página ficou aberta por um tempo, então confirme mais uma vez.
lost-title = A conexão caiu
lost-text = { $device ->
    [computer] Sua resposta está segura nesta página. Clique para continuar: não será preciso desbloquear o computador de novo.
   *[phone] Sua resposta está segura nesta página. Toque para continuar: não será preciso desbloquear o celular de novo.
}
wait-title = Só um momento
wait-text = Houve muitas tentativas em pouco tempo. Você pode continuar depois desta pausa:
busy-text = Muitas páginas acabam de ser abertas da sua rede. Espere alguns segundos e tente de novo.
already-title = { $device ->
    [computer] Este computador já está preparado
   *[phone] Este celular já está preparado
}
already-text = Ele já tem uma chave de acesso para { $company }, então nada novo foi confirmado. Avise a pessoa de { $company }: ela pode enviar um link que confirma que é você.
misfit-title = Algo não está certo do nosso lado
misfit-text = Você não fez nada errado e seu link ainda vale. Avise a pessoa de { $company } que o enviou.
unable-title = { $device ->
    [computer] Este computador não pode fazer esta verificação
   *[phone] Este celular não pode fazer esta verificação
}
unable-text = Nada foi confirmado. Se você tem outro celular, abra o link nele. Ou avise a pessoa de { $company }: vão confirmar de outra forma.
new-link-title = Você precisa de um novo link
new-link-text = Este link não serve mais, porque algo mudou desde o envio. Nada foi confirmado.

help-title = Como funciona
help-what = { $device ->
    [computer] { $company } quer ter certeza de que é você. Você desbloqueia o computador como sempre, e ele nos diz que deu certo. Nunca vemos sua digital, seu rosto nem seu PIN.
   *[phone] { $company } quer ter certeza de que é você. Você desbloqueia o celular como sempre, e ele nos diz que deu certo. Nunca vemos sua digital, seu rosto nem seu PIN.
}
help-stuck = <b>Não consegue seguir?</b> Diga à pessoa de { $company } o que você vê: ela pode enviar outro link ou ajudar de outra forma.
help-surprise = <b>Não esperava por isto?</b> Não confirme. Desligue e fale com { $company } por um número que você já conhece.

decline-title = Não foi você?
decline-text = Vamos fechar este link de vez e avisar { $company }. Nada será confirmado.
decline-call = Se alguém ao telefone pediu para abri-lo e algo parece errado, desligue agora.
decline-not-me = Eu não pedi isto
decline-stranger = Alguém me ligou e enviou

used-title = Pronto, já está confirmado
used-text = Este link foi usado e deu tudo certo. Não há mais nada a fazer aqui.
used-not-you = <b>Não foi você?</b> Ligue já para { $company } por um número que você já conhece.
expired-title = Este link venceu
expired-text = Os links valem por pouco tempo, e o deste acabou. Nada foi confirmado.
revoked-title = Este link foi substituído ou cancelado
revoked-text = Ele não funciona mais, e nada foi confirmado com ele.
revoked-do = <b>O que fazer:</b> se { $company } enviou um link mais novo, abra esse. Se não, peça um novo.
failed-title = Este link não pode mais ser usado
failed-text = Houve tentativas demais sem sucesso, e o link foi fechado para proteger você. Nada foi confirmado.
declined-title = Você disse que não foi você
declined-text = O link está fechado e nada foi confirmado. { $company } já foi avisado.
declined-do = <b>O que fazer:</b> se alguém está ao telefone com você sobre isto, desligue. Para falar com { $company }, use um número que você já conhece.
hang-up-title = Por favor, desligue
hang-up-text = Algo nesta chamada não bate. O link está fechado, nada foi confirmado e { $company } já foi avisado.
hang-up-do = <b>O que fazer:</b> encerre a chamada e não diga nenhum código. Para falar com { $company }, use um número que você já conhece.
ask-new-link = <b>O que fazer:</b> peça um novo link à pessoa de { $company } com quem você fala.
unknown-title = Não conhecemos este link
unknown-text = O endereço pode ter sido cortado ao ser copiado.
unknown-do = <b>O que fazer:</b> abra de novo o link da mensagem que recebeu ou peça um novo a { $company }.
