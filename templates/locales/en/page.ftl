# The customer's page. Names come in as variables; <b> is the only markup.
again = Try again
back = Back
continue = Continue
help = I need help
not-me = This wasn’t me
footer = { $company } will never ask you for your PIN or a password.
call-support = Call { $company }: { $phone }
reference = Reference
valid-until = Link works until
time = Time
confirmed-at = Confirmed
ended-at = Ended

direction-title = Who called whom?
direction-text = Did you call { $company }, or did someone call you?
direction-customer = I called { $company }
direction-company = Someone called me
direction-none = I’m not in a call

no-call-title = No call right now?
no-call-text = If you asked { $company } for this link, you can go on. If it comes as a surprise, tap “This wasn’t me”.

start-title = Confirm it’s you
start-title-register = { $device ->
    [computer] Set up this computer to confirm it’s you
   *[phone] Set up this phone to confirm it’s you
}
start-who = <b>{ $requester }</b> at <b>{ $company }</b> is asking you to confirm that it’s really you.
start-who-company = <b>{ $company }</b> is asking you to confirm that it’s really you.
start-who-register = <b>{ $requester }</b> at <b>{ $company }</b> is asking you to do this once, so that they know it’s you.
start-who-register-company = <b>{ $company }</b> is asking you to do this once, so that they know it’s you.
unlock-ios = You’ll be asked for Face ID, Touch ID or your passcode.
unlock-phone = Your phone will ask for your fingerprint, face or screen lock.
unlock-computer = Your computer will ask for your fingerprint, face or PIN.
never-leaves = { $device ->
    [computer] It never leaves your computer.
   *[phone] It never leaves your phone.
}
passkey-saved = A passkey for { $company } is saved for next time.
no-script = <b>This page needs JavaScript.</b> Turn it on in your browser’s settings, or open this link in Safari or Chrome. If that doesn’t help, tell { $company }: they can help you in another way.
confirm = Confirm it’s me
confirm-register = Set up and confirm
waiting = { $device ->
    [computer] Waiting for your computer…
   *[phone] Waiting for your phone…
}
use-phone = Use my phone

statement-title = Is this right?
statement-caption = You are confirming
statement-text = If this isn’t what you agreed to, don’t confirm.

code-title = Type the code
code-text = The person at { $company } reads six digits out to you on the phone.
code-label = Six digits
code-short = Please type all six digits.
code-wrong = { $left ->
    [one] That code wasn’t right. You have { $left } try left.
   *[other] That code wasn’t right. You have { $left } tries left.
}
code-late-title = The code has run out
code-late-text = A code works for five minutes only. Nothing was confirmed.

checking-title = Checking…
checking-slow = The connection is slow. Still trying.

done-title = Thank you, it’s confirmed
done-title-register = All set, and confirmed
done-text = { $device ->
    [computer] Confirmed with this computer’s screen lock. { $company } can see it now.
   *[phone] Confirmed with this phone’s screen lock. { $company } can see it now.
}
done-call = You can go on with your call.
done-close = You can close this page.
phone-done-title = Confirmed on your phone
phone-done-text = { $company } can see it now.

open-title-app = Open this page in your browser
open-title = Try another browser
open-ios = You are in an app’s built-in browser, which can’t use Face ID, Touch ID or your passcode. Safari can. It takes one tap:
open-other = You are in an app’s built-in browser, which can’t use your fingerprint, face or screen lock. Your own browser can. It takes one tap:
open-failed = This browser couldn’t start the check. Nothing was confirmed. It usually works in Safari on an iPhone and in Chrome on Android.
open-browser = Open in my browser
open-chrome = Open in Chrome
open-safari = Open in Safari
open-hint = Nothing happens? Tap <b>⋯</b> or <b>⋮</b> at the edge of the screen, then “Open in browser”. Or copy the link and paste it there:
again-here = Try again here
link-label = This page’s link
copy = Copy link
copied = Link copied

phone-title = Use your phone
phone-text = Point your phone’s camera at this code. The same page opens there. This page shows when you are done.
phone-qr = QR code of this page’s link
stay-here = Continue on this computer

lock-title = Turn on your screen lock first
lock-text = Your phone needs a screen lock (a PIN, fingerprint or face) for this.
lock-step-1 = Open your phone’s <b>Settings</b>.
lock-step-2 = Go to <b>Security</b>, then <b>Screen lock</b>, and turn it on.
lock-step-3 = Come back to this page.
lock-done = I turned it on

no-passkey-title = We couldn’t find your passkey here
no-passkey-text = Nothing was confirmed. The passkey you made for { $company } may be on another phone, or in another browser or account.
no-passkey-new = I have a new phone
no-passkey-open = Open in another browser

new-phone-title = We told { $company }
new-phone-text = They know that you have a new phone or lost your passkey. They will check with you in another way and then send a link that sets up this phone.
new-phone-old = Still have your old phone? Open the link there:

cancelled-title = No problem, nothing was confirmed
cancelled-text = Tap to try again when you’re ready.
timeout-title = That took a while, so we stopped
timeout-text = Nothing was confirmed. Take your time, and tap to try again.
trouble-title = Something went wrong on this device
trouble-text = Nothing was confirmed. Close other windows that ask for your screen lock, and try again.
not-confirmed-title = We couldn’t confirm that
not-confirmed-text = This can happen. Please try again with the screen lock you normally use.
offline-title = You seem to be offline
offline-text = We couldn’t reach { $company }. Check your connection and try again. Your link still works.
server-title = Something went wrong on our side
server-text = Your link still works. Please try again in a moment.
once-more-title = One more tap, please
once-more-text = This page was open for a while, so we need you to confirm again.
lost-title = We lost connection
lost-text = { $device ->
    [computer] Your answer is safe on this page. Tap to continue: you won’t have to unlock your computer again.
   *[phone] Your answer is safe on this page. Tap to continue: you won’t have to unlock your phone again.
}
wait-title = Just a moment
wait-text = There were many tries in a short time. You can go on after this pause:
busy-text = Many pages were opened from your network just now. Wait a few seconds, then try again.
already-title = { $device ->
    [computer] This computer is already set up
   *[phone] This phone is already set up
}
already-text = It has a passkey for { $company } from before, so nothing new was confirmed. Tell the person at { $company }: they can send a link that confirms it’s you.
misfit-title = Something is wrong on our side
misfit-text = It’s nothing you did, and your link still works. Please tell the person at { $company } who sent it.
unable-title = { $device ->
    [computer] This computer can’t do this check
   *[phone] This phone can’t do this check
}
unable-text = Nothing was confirmed. If you have another phone, open the link there. Or tell the person at { $company }: they will confirm it’s you in another way.
new-link-title = You need a new link
new-link-text = This link no longer fits, because something changed since it was sent. Nothing was confirmed.

help-title = How this works
help-what = { $device ->
    [computer] { $company } wants to be sure that it’s you. You unlock your computer as you always do, and it tells us that it worked. We never see your fingerprint, face or PIN.
   *[phone] { $company } wants to be sure that it’s you. You unlock your phone as you always do, and it tells us that it worked. We never see your fingerprint, face or PIN.
}
help-stuck = <b>Stuck?</b> Tell the person at { $company } what you see: they can send a new link or help in another way.
help-surprise = <b>Didn’t expect this?</b> Don’t confirm. Hang up, and reach { $company } by a number you already know.

decline-title = This wasn’t you?
decline-text = We’ll close this link for good and tell { $company }. Nothing will be confirmed.
decline-call = If someone on the phone asked you to open it and it feels wrong, hang up now.
decline-not-me = I didn’t ask for this
decline-stranger = Someone called me and sent it

used-title = All done, already confirmed
used-text = This link was used and everything went through. There is nothing more to do here.
used-not-you = <b>This wasn’t you?</b> Tell { $company } at once, by a number you already know.
expired-title = This link has ended
expired-text = Links only work for a short while, and this one’s time is over. Nothing was confirmed.
revoked-title = This link was replaced or cancelled
revoked-text = It no longer works, and nothing was confirmed with it.
revoked-do = <b>What to do:</b> if { $company } sent you a newer link, open that one. Otherwise ask for a new link.
failed-title = This link can’t be used any more
failed-text = There were too many tries that didn’t work, so the link was closed to keep you safe. Nothing was confirmed.
declined-title = You said this wasn’t you
declined-text = The link is closed and nothing was confirmed. { $company } has been told.
declined-do = <b>What to do:</b> if someone is on the phone with you about this, hang up. To reach { $company }, use a number you already know.
hang-up-title = Please hang up
hang-up-text = Something about this call doesn’t fit. The link is closed, nothing was confirmed, and { $company } has been told.
hang-up-do = <b>What to do:</b> end the call, and don’t tell the caller any codes. To reach { $company }, use a number you already know.
ask-new-link = <b>What to do:</b> ask the person you are talking with at { $company } for a new link.
unknown-title = We don’t know this link
unknown-text = The address may have been cut off when it was copied.
unknown-do = <b>What to do:</b> open the link again from the message you received, or ask { $company } for a new one.
