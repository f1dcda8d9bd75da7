# Mails: a link for its customer, and notices of passkeys that come and go.
mail-link-subject = { $company }：ご本人であることをご確認ください
mail-link-intro = { $company } より、ご本人であることの確認をお願いしています。お使いのスマートフォンでこのリンクを開いてください。
mail-link-open = ページを開く
mail-link-once = リンクは一度だけ、短い時間のみ使えます。
mail-link-unexpected = このメールにお心当たりがない場合は、リンクを開かず、ご存じの電話番号で { $company } にお知らせください。
mail-never-asks = { $company } がスマートフォンの暗証番号やパスワードをお尋ねすることはありません。
mail-added-subject = { $company }：新しいパスキーが追加されました
mail-added-intro = { $company } で、お客様の新しいパスキーが追加されました（{ $moment }）。これを持つ人は、お客様本人として確認できます。
mail-removed-subject = { $company }：パスキーが 1 つ削除されました
mail-removed-intro = { $company } で、お客様のパスキーが 1 つ削除されました（{ $moment }）。このパスキーはもう使えません。
mail-app-added-subject = { $company }：認証アプリが設定されました
mail-app-added-intro = { $company } で、お客様の認証アプリが設定されました（{ $moment }）。このアプリを持つ人は、表示されるコードでお客様本人として確認できます。
mail-app-removed-subject = { $company }：認証アプリが削除されました
mail-app-removed-intro = { $company } のお客様の認証アプリが削除されました（{ $moment }）。このアプリのコードはもう使えません。
mail-not-you = ご自身の操作であれば、何もする必要はありません。そうでない場合は、ご存じの電話番号ですぐに { $company } へお電話ください。
mail-not-you-phone = ご自身の操作であれば、何もする必要はありません。そうでない場合は、すぐに { $company } へお電話ください：{ $phone }
mail-automatic = このメールは自動で送信されました。ご返信いただいてもお読みできません。
