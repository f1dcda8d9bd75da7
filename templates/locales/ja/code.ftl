# Codes of an authenticator app, and recovery codes: their page, and the way to it.
app-link = 認証アプリのコードを使う
app-title = アプリで確認します
app-need = 認証アプリが必要です。6 桁のコードを表示する、電話のアプリです。多くのパスワード管理アプリでも使えます。
app-other = 別の方法で確認する

app-add-title = アプリに { $company } を追加してください
app-add-scan = 認証アプリでアカウントの追加を選び、この QR コードを読み取ってください。
app-add-qr = アプリに { $company } を追加する QR コード
app-add-tap = この電話にアプリがある場合は、一度押すだけで { $company } を追加できます。
app-add-open = アプリで開く
app-add-key = または、このキーをアプリにコピーしてください。
app-add-copy = キーをコピー
app-add-elsewhere = アプリは別の端末にある
app-add-private = 誰にも見せないでください。これを知っている人は、あなたのコードを作れます。
app-add-done = 追加しました
app-copied = コピーしました

app-code-title = アプリのコードを入力してください
app-code-text = アプリには { $company } の 6 桁の番号が表示され、30 秒ごとに変わります。
app-code-wrong = コードが違うか、すでに使われています。アプリに次のコードが表示されるのを待って、入力してください。
app-code-private = ここだけに入力してください。{ $company } の者が読み上げをお願いすることはありません。
app-code-back = QR コードとキーをもう一度表示

app-recovery = リカバリーコードを使う
app-recovery-title = リカバリーコードを入力してください
app-recovery-text = アプリを準備したときに 10 個お渡ししました。それぞれ一度だけ使えます。
app-recovery-label = リカバリーコード
app-recovery-short = 10 文字すべてを入力してください。
app-recovery-wrong = リカバリーコードが違うか、すでに使われています。もう一度確かめるか、別のコードをお使いください。
app-recovery-back = アプリのコードを使う
app-recovery-none = アプリもこのコードもなくした
app-told-text = アプリを使えなくなったことが担当者に伝わりました。別の方法でご本人か確かめたあと、新しいリンクが送られます。

app-keep-title = 確認できました。次のコードを保管してください
app-keep-text = 電話をなくしたときは、アプリの代わりにそれぞれ一度だけ使えます。ご自身だけがわかる場所に保管してください。もう一度表示することはできません。
app-keep-codes = { $company } のリカバリーコード
app-keep-copy = コードをコピー
app-keep-print = 印刷
app-keep-done = 保管しました

app-done = アプリのコードで確認しました。{ $company } にも伝わっています。
app-done-recovery = リカバリーコードで確認しました。このコードはもう使えません。{ $company } にも伝わっています。
app-mine = 確認した内容を見る

app-none-title = アプリが未登録です
app-none-text = 何も確認されていません。{ $company } の認証アプリはまだ登録されておらず、このリンクでは追加できません。{ $company } の担当者にお伝えください。別の方法でお手伝いできます。
app-lost-text = コードはこのページに残っています。押して続けてください。
app-help-what = { $company } は、ご本人であることを確かめたいと考えています。アプリは 30 秒ごとに、ご本人だけに見える新しいコードを作ります。それをこのページに入力します。
app-help-clock = <b>コードが使えない場合：</b>電話の時計が自動設定になっているか確かめて、最新のコードを入力してください。
