# The known door: one field for the code that the agent reads out.
door-title = コードを入力してください
door-intro = { $company } の担当者が電話でコードを読み上げていますか。 12 桁の数字をここに入力してください。
door-label = コード
door-go = 次へ
door-wrong = このコードは現在使えません。 12 桁の数字を確認するか、新しいコードをお求めください。コードの有効時間は最長 10 分です。
door-wait = 入力されたコードが多すぎます。 1 分ほど待ってから、もう一度お試しください。
door-note = ここには、電話で聞いたコードを入力します。{ $company } がコードを読み上げるようお願いすることはありません。心当たりのない電話のときは、いったん切って、ご存じの番号におかけください。
