# The customer's page. Names come in as variables; <b> is the only markup.
again = もう一度試す
back = 戻る
continue = 次へ
help = 困ったとき
not-me = 心当たりがありません
footer = { $company } が暗証番号やパスワードをお尋ねすることはありません。
call-support = { $company } に電話する: { $phone }
reference = 照会番号
valid-until = リンクの有効期限
time = 時刻
confirmed-at = 確認済み
ended-at = 終了

direction-title = 電話をかけたのはどちらですか
direction-text = お客様から { $company } に電話しましたか。それとも誰かから電話がありましたか。
direction-customer = 自分から { $company } に電話した
direction-company = 誰かから電話があった
direction-none = 今は電話していない

no-call-title = 今は通話していませんか
no-call-text = このリンクを { $company } に依頼した場合は、そのままお進みください。覚えがない場合は「心当たりがありません」を押してください。

start-title = ご本人であることの確認
start-title-register = { $device ->
    [computer] このコンピューターでご本人確認の準備をします
   *[phone] この電話でご本人確認の準備をします
}
start-who = <b>{ $company }</b> の <b>{ $requester }</b> が、ご本人であることの確認をお願いしています。
start-who-company = <b>{ $company }</b> が、ご本人であることの確認をお願いしています。
start-who-register = <b>{ $company }</b> の <b>{ $requester }</b> が、ご本人とわかるように、一度だけこの操作をお願いしています。
start-who-register-company = <b>{ $company }</b> が、ご本人とわかるように、一度だけこの操作をお願いしています。
unlock-ios = Face ID、Touch ID、またはパスコードを求められます。
unlock-phone = お使いの電話で、指紋、顔、または画面ロックを求められます。
unlock-computer = お使いのコンピューターで、指紋、顔、または PIN を求められます。
never-leaves = { $device ->
    [computer] これらがコンピューターの外に出ることはありません。
   *[phone] これらが電話の外に出ることはありません。
}
passkey-saved = 次回のために { $company } のパスキーが保存されます。
no-script = <b>このページには JavaScript が必要です。</b>ブラウザーの設定で有効にするか、Safari か Chrome でリンクを開いてください。それでもうまくいかない場合は { $company } にお知らせください。別の方法でお手伝いできます。
confirm = 本人であることを確認する
confirm-register = 準備して確認する
waiting = { $device ->
    [computer] コンピューターの操作を待っています…
   *[phone] 電話の操作を待っています…
}
use-phone = 電話を使う

statement-title = この内容で正しいですか
statement-caption = 確認する内容
statement-text = お約束した内容と違う場合は、確認しないでください。

code-title = 番号を入力してください
code-text = { $company } の担当者が、電話で 6 桁の番号を読み上げます。
code-label = 6 桁の番号
code-short = 6 桁すべてを入力してください。
code-wrong = { $left ->
   *[other] 番号が違います。あと { $left } 回入力できます。
}
code-late-title = 番号の期限が切れました
code-late-text = 番号は 5 分間だけ有効です。何も確認されていません。

checking-title = 確認しています…
checking-slow = 接続に時間がかかっています。もう少しお待ちください。

done-title = ありがとうございます。確認できました
done-title-register = 準備と確認が完了しました
done-text = { $device ->
    [computer] このコンピューターの画面ロックで確認しました。{ $company } にも伝わっています。
   *[phone] この電話の画面ロックで確認しました。{ $company } にも伝わっています。
}
done-call = 通話をお続けください。
done-close = このページは閉じてかまいません。
phone-done-title = 電話で確認できました
phone-done-text = { $company } にも伝わっています。

open-title-app = ブラウザーでこのページを開いてください
open-title = 別のブラウザーをお試しください
open-ios = アプリ内のブラウザーで開いています。ここでは Face ID、Touch ID、パスコードを使えません。Safari なら使えます。一度押すだけです。
open-other = アプリ内のブラウザーで開いています。ここでは指紋、顔、画面ロックを使えません。いつものブラウザーなら使えます。一度押すだけです。
open-failed = このブラウザーでは確認を始められませんでした。何も確認されていません。通常は iPhone の Safari、Android の Chrome で使えます。
open-browser = いつものブラウザーで開く
open-chrome = Chrome で開く
open-safari = Safari で開く
open-hint = 何も起きない場合は、画面の端の <b>⋯</b> または <b>⋮</b> から「ブラウザーで開く」を選ぶか、リンクをコピーして貼り付けてください。
again-here = ここでもう一度試す
link-label = このページのリンク
copy = リンクをコピー
copied = コピーしました

phone-title = 電話をお使いください
phone-text = 電話のカメラをこのコードに向けると、同じページが開きます。終わるとこのページに表示されます。
phone-qr = このページのリンクの QR コード
stay-here = このコンピューターで続ける

lock-title = 先に画面ロックを設定してください
lock-text = この操作には、電話の画面ロック（PIN、指紋、顔のいずれか）が必要です。
lock-step-1 = 電話の<b>設定</b>を開きます。
lock-step-2 = <b>セキュリティ</b>の<b>画面ロック</b>を有効にします。
lock-step-3 = このページに戻ります。
lock-done = 設定しました

no-passkey-title = ここにはパスキーが見つかりません
no-passkey-text = 何も確認されていません。{ $company } のために作ったパスキーは、別の電話、ブラウザー、またはアカウントにあるかもしれません。
no-passkey-new = 電話を買い替えた
no-passkey-open = 別のブラウザーで開く

new-phone-title = { $company } に知らせました
new-phone-text = 電話が新しくなったこと、またはパスキーをなくしたことが担当者に伝わりました。別の方法でご本人か確かめたあと、この電話を準備するリンクが送られます。
new-phone-old = 以前の電話をお持ちの場合は、そちらでリンクを開いてください。

cancelled-title = 大丈夫です。何も確認されていません
cancelled-text = 準備ができたら、もう一度押してください。
timeout-title = 時間がかかったため、中止しました
timeout-text = 何も確認されていません。あわてずに、もう一度お試しください。
trouble-title = この端末で問題が起きました
trouble-text = 何も確認されていません。画面ロックを求めているほかのウィンドウを閉じて、もう一度お試しください。
not-confirmed-title = 確認できませんでした
not-confirmed-text = このようなことはあります。いつもの画面ロックで、もう一度お試しください。
offline-title = オフラインのようです
offline-text = { $company } に接続できませんでした。接続を確かめて、もう一度お試しください。リンクはまだ有効です。
server-title = こちらで問題が起きました
server-text = リンクはまだ有効です。少し待ってから、もう一度お試しください。
once-more-title = もう一度押してください
once-more-text = ページを開いてから時間がたったため、もう一度確認をお願いします。
lost-title = 接続が切れました
lost-text = { $device ->
    [computer] お答えはこのページに残っています。押して続けてください。コンピューターのロックをもう一度解除する必要はありません。
   *[phone] お答えはこのページに残っています。押して続けてください。電話のロックをもう一度解除する必要はありません。
}
wait-title = 少々お待ちください
wait-text = 短い時間に何度も操作がありました。次の時間がたつと続けられます。
busy-text = お使いのネットワークから多くのページが開かれたところです。数秒待ってから、もう一度お試しください。
already-title = { $device ->
    [computer] このコンピューターは準備済みです
   *[phone] この電話は準備済みです
}
already-text = { $company } のパスキーがすでにあるため、新しく確認されたことはありません。{ $company } の担当者にお伝えください。ご本人確認用のリンクをお送りできます。
misfit-title = こちらに問題があります
misfit-text = お客様の操作に間違いはなく、リンクはまだ有効です。リンクを送った { $company } の担当者にお知らせください。
unable-title = { $device ->
    [computer] このコンピューターではこの確認ができません
   *[phone] この電話ではこの確認ができません
}
unable-text = 何も確認されていません。別の電話をお持ちの場合は、そちらでリンクを開いてください。または { $company } の担当者にお伝えください。別の方法で確認します。
new-link-title = 新しいリンクが必要です
new-link-text = 送られたあとに変更があったため、このリンクは使えなくなりました。何も確認されていません。

help-title = 仕組みについて
help-what = { $device ->
    [computer] { $company } は、ご本人であることを確かめたいと考えています。いつもどおりコンピューターのロックを解除すると、成功したことだけが伝わります。指紋、顔、PIN をこちらで見ることはありません。
   *[phone] { $company } は、ご本人であることを確かめたいと考えています。いつもどおり電話のロックを解除すると、成功したことだけが伝わります。指紋、顔、PIN をこちらで見ることはありません。
}
help-stuck = <b>進めない場合：</b>表示されている内容を { $company } の担当者にお伝えください。新しいリンクを送るなど、別の方法でお手伝いします。
help-surprise = <b>覚えがない場合：</b>確認せずに電話を切り、すでにご存じの番号で { $company } に連絡してください。

decline-title = 心当たりがありませんか
decline-text = このリンクを完全に閉じて、{ $company } に知らせます。何も確認されません。
decline-call = 電話の相手に開くように言われ、おかしいと感じたら、すぐに電話を切ってください。
decline-not-me = 頼んだ覚えがない
decline-stranger = 誰かが電話してきて送った

used-title = 完了しています。すでに確認済みです
used-text = このリンクは使用済みで、すべて正常に終わりました。ほかに必要な操作はありません。
used-not-you = <b>心当たりがない場合：</b>すでにご存じの番号で、すぐに { $company } に連絡してください。
expired-title = このリンクは期限切れです
expired-text = リンクは短い時間だけ有効で、このリンクの期限は過ぎました。何も確認されていません。
revoked-title = このリンクは差し替えられたか、取り消されました
revoked-text = もう使えません。このリンクでは何も確認されていません。
revoked-do = <b>次にすること：</b>{ $company } から新しいリンクが届いている場合は、そちらを開いてください。届いていない場合は、新しいリンクを依頼してください。
failed-title = このリンクはもう使えません
failed-text = うまくいかない操作が続いたため、安全のためリンクを閉じました。何も確認されていません。
declined-title = 「心当たりがない」とお答えいただきました
declined-text = リンクは閉じられ、何も確認されていません。{ $company } に知らせました。
declined-do = <b>次にすること：</b>この件で誰かと通話中の場合は、電話を切ってください。{ $company } への連絡には、すでにご存じの番号をお使いください。
hang-up-title = 電話を切ってください
hang-up-text = この通話には不審な点があります。リンクは閉じられ、何も確認されていません。{ $company } に知らせました。
hang-up-do = <b>次にすること：</b>通話を終え、相手に番号を教えないでください。{ $company } への連絡には、すでにご存じの番号をお使いください。
ask-new-link = <b>次にすること：</b>お話し中の { $company } の担当者に、新しいリンクを依頼してください。
unknown-title = このリンクは見つかりません
unknown-text = コピーしたときに、アドレスが途中で切れたのかもしれません。
unknown-do = <b>次にすること：</b>届いたメッセージからもう一度リンクを開くか、{ $company } に新しいリンクを依頼してください。
