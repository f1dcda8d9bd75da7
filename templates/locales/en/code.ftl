# Codes of an authenticator app, and recovery codes: their page, and the way to it.
app-link = Use a code from an authenticator app
app-title = Confirm with a code from your app
app-need = For this you need an authenticator app: an app on your phone that shows six-digit codes. Many password managers do that too.
app-other = Confirm in another way

app-add-title = Add { $company } to your app
app-add-scan = In your authenticator app, choose to add an account, and scan this QR code.
app-add-qr = QR code that adds { $company } to your app
app-add-tap = Is the app on this phone? One tap adds { $company }:
app-add-open = Open in my app
app-add-key = Or copy this key into your app:
app-add-copy = Copy key
app-add-elsewhere = My app is on another device
app-add-private = Show this to nobody. Whoever has it can make your codes.
app-add-done = I have added it
app-copied = Copied

app-code-title = Type the code from your app
app-code-text = Your app shows six digits for { $company }, and new ones every 30 seconds.
app-code-wrong = That code wasn’t right, or was used before. Wait for your app to show the next one, and type that.
app-code-private = Type it only here. Nobody at { $company } will ask you to read it out.
app-code-back = Show the QR code and key again

app-recovery = Use a recovery code
app-recovery-title = Type a recovery code
app-recovery-text = You were given ten of them when you set up your app. Each one works once.
app-recovery-label = Recovery code
app-recovery-short = Please type all ten letters and digits.
app-recovery-wrong = That recovery code wasn’t right, or was used before. Please check it, or take another one.
app-recovery-back = Use a code from my app
app-recovery-none = I have lost my app and these codes
app-told-text = They know that you can’t use your app any more. They will check with you in another way and then send a new link.

app-keep-title = Confirmed. Now keep these codes
app-keep-text = If you lose your phone, each of them works once instead of your app. Keep them where only you find them: they are not shown again.
app-keep-codes = Recovery codes for { $company }
app-keep-copy = Copy codes
app-keep-print = Print
app-keep-done = I have kept them

app-done = Confirmed with a code from your app. { $company } can see it now.
app-done-recovery = Confirmed with a recovery code, which doesn’t work again. { $company } can see it now.
app-mine = See what you confirmed

app-none-title = No app is set up yet
app-none-text = Nothing was confirmed. You have no authenticator app for { $company } yet, and this link can’t add one. Tell the person at { $company }: they can help you in another way.
app-lost-text = Your code is safe on this page. Tap to go on.
app-help-what = { $company } wants to be sure that it’s you. Your app makes a new code every 30 seconds, which only you can see. You type it here, on this page.
app-help-clock = <b>Your code doesn’t work?</b> Check that your phone sets its clock by itself, then type the newest code.
