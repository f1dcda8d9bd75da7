# Codes of an authenticator app, and recovery codes: their page, and the way to it.
app-link = Usar um código de um aplicativo autenticador
app-title = Confirme com um código do seu aplicativo
app-need = Para isto você precisa de um aplicativo autenticador: um aplicativo no seu celular que mostra códigos de seis números. Muitos gerenciadores de senhas também fazem isso.
app-other = Confirmar de outra forma

app-add-title = Adicione { $company } ao seu aplicativo
app-add-scan = No seu aplicativo autenticador, escolha adicionar uma conta e leia este código QR.
app-add-qr = Código QR que adiciona { $company } ao seu aplicativo
app-add-tap = O aplicativo está neste celular? Um toque adiciona { $company }:
app-add-open = Abrir no meu aplicativo
app-add-key = Ou copie esta chave para o seu aplicativo:
app-add-copy = Copiar chave
app-add-elsewhere = Meu aplicativo está em outro aparelho
app-add-private = Não mostre isto a ninguém. Quem tiver a chave pode gerar os seus códigos.
app-add-done = Já adicionei
app-copied = Copiado

app-code-title = Digite o código do seu aplicativo
app-code-text = Seu aplicativo mostra seis números para { $company }, e outros novos a cada 30 segundos.
app-code-wrong = Esse código não está certo ou já foi usado. Espere o aplicativo mostrar o próximo e digite-o.
app-code-private = Digite-o somente aqui. Ninguém de { $company } pedirá que você o leia em voz alta.
app-code-back = Mostrar de novo o código QR e a chave

app-recovery = Usar um código de recuperação
app-recovery-title = Digite um código de recuperação
app-recovery-text = Você recebeu dez quando preparou o aplicativo. Cada um vale uma única vez.
app-recovery-label = Código de recuperação
app-recovery-short = Digite as dez letras e números, por favor.
app-recovery-wrong = Esse código de recuperação não está certo ou já foi usado. Confira-o ou use outro.
app-recovery-back = Usar um código do meu aplicativo
app-recovery-none = Perdi o aplicativo e estes códigos
app-told-text = Já sabem que você não pode mais usar o aplicativo. Vão verificar com você de outra forma e depois enviar um novo link.

app-keep-title = Confirmado. Agora guarde estes códigos
app-keep-text = Se você perder o celular, cada um vale uma vez no lugar do aplicativo. Guarde-os onde só você os encontre: eles não são mostrados de novo.
app-keep-codes = Códigos de recuperação de { $company }
app-keep-copy = Copiar códigos
app-keep-print = Imprimir
app-keep-done = Já guardei

app-done = Confirmado com um código do seu aplicativo. { $company } já pode ver.
app-done-recovery = Confirmado com um código de recuperação, que não vale mais. { $company } já pode ver.
app-mine = Ver o que você confirmou

app-none-title = Ainda não há nenhum aplicativo preparado
app-none-text = Nada foi confirmado. Você ainda não tem um aplicativo autenticador para { $company }, e este link não pode adicionar um. Avise a pessoa de { $company }: podem ajudar de outra forma.
app-lost-text = Seu código está seguro nesta página. Toque para continuar.
app-help-what = { $company } quer ter certeza de que é você. Seu aplicativo cria a cada 30 segundos um novo código, que só você vê. Você o digita aqui, nesta página.
app-help-clock = <b>Seu código não funciona?</b> Veja se o celular acerta o relógio automaticamente e digite o código mais recente.
