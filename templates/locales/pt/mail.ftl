# Mails: a link for its customer, and notices of passkeys that come and go.
mail-link-subject = { $company }: confirme que é você
mail-link-intro = { $company } pede que você confirme que é você. Abra este link no seu celular:
mail-link-open = Abrir a página
mail-link-once = O link funciona uma só vez e por pouco tempo.
mail-link-unexpected = Não esperava este e-mail? Então não abra o link e avise { $company } por um número de telefone que você conhece.
mail-never-asks = { $company } nunca pede o PIN nem a senha do seu celular.
mail-added-subject = { $company }: uma nova chave de acesso foi adicionada
mail-added-intro = Uma nova chave de acesso foi adicionada para você em { $company }: { $moment }. Quem a tem pode confirmar que é você.
mail-removed-subject = { $company }: uma das suas chaves de acesso foi removida
mail-removed-intro = Uma das suas chaves de acesso em { $company } foi removida: { $moment }. Ela não pode mais ser usada.
mail-app-added-subject = { $company }: um aplicativo autenticador foi configurado para você
mail-app-added-intro = Um aplicativo autenticador foi configurado para você em { $company }: { $moment }. Quem o tem pode confirmar com os códigos dele que é você.
mail-app-removed-subject = { $company }: o seu aplicativo autenticador foi removido
mail-app-removed-intro = O seu aplicativo autenticador em { $company } foi removido: { $moment }. Os códigos dele não podem mais ser usados.
mail-not-you = Foi você? Então não precisa fazer nada. Se não, ligue já para { $company } por um número de telefone que você conhece.
mail-not-you-phone = Foi você? Então não precisa fazer nada. Se não, ligue já para { $company }: { $phone }.
mail-automatic = Este e-mail foi enviado automaticamente. Ninguém lê as respostas.
