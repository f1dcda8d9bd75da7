# The customer's page. Names come in as variables; <b> is the only markup.
again = Erneut versuchen
back = Zurück
continue = Weiter
help = Ich brauche Hilfe
not-me = Das war ich nicht
footer = { $company } fragt Sie nie nach Ihrer PIN oder einem Passwort.
call-support = { $company } anrufen: { $phone }
reference = Vorgang
valid-until = Link gültig bis
time = Uhrzeit
confirmed-at = Bestätigt
ended-at = Beendet

direction-title = Wer hat wen angerufen?
direction-text = Haben Sie { $company } angerufen, oder hat jemand Sie angerufen?
direction-customer = Ich habe { $company } angerufen
direction-company = Jemand hat mich angerufen
direction-none = Ich telefoniere gerade nicht

no-call-title = Kein Gespräch gerade?
no-call-text = Wenn Sie diesen Link von { $company } erbeten haben, können Sie weitermachen. Wenn er Sie überrascht, tippen Sie auf „Das war ich nicht“.

start-title = Bestätigen Sie, dass Sie es sind
start-title-register = { $device ->
    [computer] Richten Sie diesen Computer für die Bestätigung ein
   *[phone] Richten Sie dieses Telefon für die Bestätigung ein
}
start-who = <b>{ $requester }</b> von <b>{ $company }</b> bittet Sie zu bestätigen, dass Sie es wirklich sind.
start-who-company = <b>{ $company }</b> bittet Sie zu bestätigen, dass Sie es wirklich sind.
start-who-register = <b>{ $requester }</b> von <b>{ $company }</b> bittet Sie, dies einmal zu tun, damit klar ist, dass Sie es sind.
start-who-register-company = <b>{ $company }</b> bittet Sie, dies einmal zu tun, damit klar ist, dass Sie es sind.
unlock-ios = Sie werden nach Face ID, Touch ID oder Ihrem Code gefragt.
unlock-phone = Ihr Telefon fragt nach Fingerabdruck, Gesicht oder Displaysperre.
unlock-computer = Ihr Computer fragt nach Fingerabdruck, Gesicht oder PIN.
never-leaves = { $device ->
    [computer] Das verlässt Ihren Computer nie.
   *[phone] Das verlässt Ihr Telefon nie.
}
passkey-saved = Ein Passkey für { $company } wird für das nächste Mal gespeichert.
no-script = <b>Diese Seite braucht JavaScript.</b> Schalten Sie es in den Einstellungen Ihres Browsers ein, oder öffnen Sie den Link in Safari oder Chrome. Wenn das nicht hilft, sagen Sie es { $company }: Man kann Ihnen auch anders helfen.
confirm = Ja, ich bin es
confirm-register = Einrichten und bestätigen
waiting = { $device ->
    [computer] Warten auf Ihren Computer …
   *[phone] Warten auf Ihr Telefon …
}
use-phone = Mein Telefon verwenden

statement-title = Stimmt das so?
statement-caption = Sie bestätigen
statement-text = Wenn Sie das nicht vereinbart haben, bestätigen Sie nicht.

code-title = Geben Sie den Code ein
code-text = Die Person von { $company } liest Ihnen am Telefon sechs Ziffern vor.
code-label = Sechs Ziffern
code-short = Bitte geben Sie alle sechs Ziffern ein.
code-wrong = { $left ->
    [one] Dieser Code stimmt nicht. Sie haben noch { $left } Versuch.
   *[other] Dieser Code stimmt nicht. Sie haben noch { $left } Versuche.
}
code-late-title = Der Code ist abgelaufen
code-late-text = Ein Code gilt nur fünf Minuten. Es wurde nichts bestätigt.

checking-title = Wird geprüft …
checking-slow = Die Verbindung ist langsam. Wir versuchen es weiter.

done-title = Danke, das ist bestätigt
done-title-register = Alles eingerichtet und bestätigt
done-text = { $device ->
    [computer] Bestätigt mit der Bildschirmsperre dieses Computers. { $company } sieht es jetzt.
   *[phone] Bestätigt mit der Displaysperre dieses Telefons. { $company } sieht es jetzt.
}
done-call = Sie können Ihr Gespräch fortsetzen.
done-close = Sie können diese Seite schließen.
phone-done-title = Auf Ihrem Telefon bestätigt
phone-done-text = { $company } sieht es jetzt.

open-title-app = Öffnen Sie diese Seite in Ihrem Browser
open-title = Versuchen Sie einen anderen Browser
open-ios = Sie sind im eingebauten Browser einer App, der Face ID, Touch ID und Ihren Code nicht verwenden kann. Safari kann es. Einmal tippen genügt:
open-other = Sie sind im eingebauten Browser einer App, der Fingerabdruck, Gesicht und Displaysperre nicht verwenden kann. Ihr eigener Browser kann es. Einmal tippen genügt:
open-failed = Dieser Browser konnte die Prüfung nicht beginnen. Es wurde nichts bestätigt. Meist klappt es in Safari auf dem iPhone und in Chrome auf Android.
open-browser = In meinem Browser öffnen
open-chrome = In Chrome öffnen
open-safari = In Safari öffnen
open-hint = Nichts passiert? Tippen Sie am Rand des Bildschirms auf <b>⋯</b> oder <b>⋮</b>, dann auf „Im Browser öffnen“. Oder kopieren Sie den Link und fügen Sie ihn dort ein:
again-here = Hier erneut versuchen
link-label = Link dieser Seite
copy = Link kopieren
copied = Link kopiert

phone-title = Verwenden Sie Ihr Telefon
phone-text = Richten Sie die Kamera Ihres Telefons auf diesen Code. Dort öffnet sich dieselbe Seite. Diese Seite zeigt, wenn Sie fertig sind.
phone-qr = QR-Code mit dem Link dieser Seite
stay-here = Auf diesem Computer weitermachen

lock-title = Schalten Sie zuerst die Displaysperre ein
lock-text = Ihr Telefon braucht dafür eine Displaysperre (PIN, Fingerabdruck oder Gesicht).
lock-step-1 = Öffnen Sie die <b>Einstellungen</b> Ihres Telefons.
lock-step-2 = Gehen Sie zu <b>Sicherheit</b>, dann <b>Displaysperre</b>, und schalten Sie sie ein.
lock-step-3 = Kommen Sie zu dieser Seite zurück.
lock-done = Ich habe sie eingeschaltet

no-passkey-title = Ihr Passkey ist hier nicht zu finden
no-passkey-text = Es wurde nichts bestätigt. Der Passkey, den Sie für { $company } angelegt haben, ist vielleicht auf einem anderen Telefon, in einem anderen Browser oder Konto.
no-passkey-new = Ich habe ein neues Telefon
no-passkey-open = In anderem Browser öffnen

new-phone-title = Wir haben { $company } Bescheid gegeben
new-phone-text = Man weiß dort, dass Sie ein neues Telefon haben oder Ihr Passkey verloren ging. Man prüft es auf anderem Weg mit Ihnen und schickt dann einen Link, der dieses Telefon einrichtet.
new-phone-old = Haben Sie noch das alte Telefon? Öffnen Sie den Link dort:

cancelled-title = Kein Problem, es wurde nichts bestätigt
cancelled-text = Tippen Sie, um es noch einmal zu versuchen, wenn Sie so weit sind.
timeout-title = Das hat lange gedauert, wir haben abgebrochen
timeout-text = Es wurde nichts bestätigt. Lassen Sie sich Zeit und versuchen Sie es noch einmal.
trouble-title = Auf diesem Gerät ging etwas schief
trouble-text = Es wurde nichts bestätigt. Schließen Sie andere Fenster, die nach Ihrer Sperre fragen, und versuchen Sie es erneut.
not-confirmed-title = Das konnten wir nicht bestätigen
not-confirmed-text = Das kann vorkommen. Bitte versuchen Sie es noch einmal mit der Sperre, die Sie sonst verwenden.
offline-title = Sie scheinen offline zu sein
offline-text = Wir konnten { $company } nicht erreichen. Prüfen Sie Ihre Verbindung und versuchen Sie es erneut. Ihr Link gilt weiter.
server-title = Bei uns ging etwas schief
server-text = Ihr Link gilt weiter. Bitte versuchen Sie es gleich noch einmal.
once-more-title = Bitte noch einmal tippen
once-more-text = Diese Seite war eine Weile offen, darum bestätigen Sie bitte noch einmal.
lost-title = Die Verbindung ging verloren
lost-text = { $device ->
    [computer] Ihre Antwort ist auf dieser Seite sicher. Klicken Sie, um fortzufahren: Sie müssen Ihren Computer nicht noch einmal entsperren.
   *[phone] Ihre Antwort ist auf dieser Seite sicher. Tippen Sie, um fortzufahren: Sie müssen Ihr Telefon nicht noch einmal entsperren.
}
wait-title = Einen Moment
wait-text = Es gab viele Versuche in kurzer Zeit. Nach dieser Pause geht es weiter:
busy-text = Aus Ihrem Netz wurden gerade viele Seiten geöffnet. Warten Sie ein paar Sekunden, und versuchen Sie es dann noch einmal.
already-title = { $device ->
    [computer] Dieser Computer ist schon eingerichtet
   *[phone] Dieses Telefon ist schon eingerichtet
}
already-text = Es gibt hier schon einen Passkey für { $company }, darum wurde nichts Neues bestätigt. Sagen Sie es der Person von { $company }: Sie kann einen Link schicken, der bestätigt, dass Sie es sind.
misfit-title = Bei uns stimmt etwas nicht
misfit-text = Es liegt nicht an Ihnen, und Ihr Link gilt weiter. Bitte sagen Sie es der Person von { $company }, die ihn geschickt hat.
unable-title = { $device ->
    [computer] Dieser Computer kann diese Prüfung nicht machen
   *[phone] Dieses Telefon kann diese Prüfung nicht machen
}
unable-text = Es wurde nichts bestätigt. Wenn Sie ein anderes Telefon haben, öffnen Sie den Link dort. Oder sagen Sie es der Person von { $company }: Man bestätigt es dann auf anderem Weg.
new-link-title = Sie brauchen einen neuen Link
new-link-text = Dieser Link passt nicht mehr, weil sich seit dem Versand etwas geändert hat. Es wurde nichts bestätigt.

help-title = So funktioniert es
help-what = { $device ->
    [computer] { $company } möchte sicher sein, dass Sie es sind. Sie entsperren Ihren Computer wie immer, und er teilt uns mit, dass es geklappt hat. Wir sehen nie Ihren Fingerabdruck, Ihr Gesicht oder Ihre PIN.
   *[phone] { $company } möchte sicher sein, dass Sie es sind. Sie entsperren Ihr Telefon wie immer, und es teilt uns mit, dass es geklappt hat. Wir sehen nie Ihren Fingerabdruck, Ihr Gesicht oder Ihre PIN.
}
help-stuck = <b>Es geht nicht weiter?</b> Sagen Sie der Person von { $company }, was Sie sehen: Sie kann einen neuen Link schicken oder anders helfen.
help-surprise = <b>Haben Sie das nicht erwartet?</b> Bestätigen Sie nicht. Legen Sie auf, und rufen Sie { $company } unter einer Nummer an, die Sie schon kennen.

decline-title = Das waren nicht Sie?
decline-text = Wir schließen diesen Link endgültig und sagen { $company } Bescheid. Es wird nichts bestätigt.
decline-call = Wenn jemand am Telefon Sie gebeten hat, ihn zu öffnen, und es sich falsch anfühlt, legen Sie jetzt auf.
decline-not-me = Ich habe das nicht verlangt
decline-stranger = Jemand rief mich an und schickte ihn

used-title = Fertig, schon bestätigt
used-text = Dieser Link wurde benutzt, und alles hat geklappt. Sie müssen nichts mehr tun.
used-not-you = <b>Waren Sie das nicht?</b> Rufen Sie { $company } sofort unter einer Nummer an, die Sie schon kennen.
expired-title = Dieser Link ist abgelaufen
expired-text = Links gelten nur kurze Zeit, und die ist für diesen vorbei. Es wurde nichts bestätigt.
revoked-title = Dieser Link wurde ersetzt oder zurückgezogen
revoked-text = Er gilt nicht mehr, und mit ihm wurde nichts bestätigt.
revoked-do = <b>Was tun:</b> Wenn { $company } Ihnen einen neueren Link geschickt hat, öffnen Sie den. Sonst bitten Sie um einen neuen.
failed-title = Dieser Link kann nicht mehr benutzt werden
failed-text = Zu viele Versuche sind misslungen, darum wurde der Link zu Ihrem Schutz geschlossen. Es wurde nichts bestätigt.
declined-title = Sie sagten, dass Sie es nicht waren
declined-text = Der Link ist geschlossen, und es wurde nichts bestätigt. { $company } weiß Bescheid.
declined-do = <b>Was tun:</b> Wenn deswegen jemand mit Ihnen telefoniert, legen Sie auf. Rufen Sie { $company } unter einer Nummer an, die Sie schon kennen.
hang-up-title = Bitte legen Sie auf
hang-up-text = An diesem Anruf stimmt etwas nicht. Der Link ist geschlossen, es wurde nichts bestätigt, und { $company } weiß Bescheid.
hang-up-do = <b>Was tun:</b> Beenden Sie das Gespräch und nennen Sie keine Codes. Rufen Sie { $company } unter einer Nummer an, die Sie schon kennen.
ask-new-link = <b>Was tun:</b> Bitten Sie die Person von { $company }, mit der Sie sprechen, um einen neuen Link.
unknown-title = Wir kennen diesen Link nicht
unknown-text = Die Adresse wurde beim Kopieren vielleicht abgeschnitten.
unknown-do = <b>Was tun:</b> Öffnen Sie den Link noch einmal aus der Nachricht, oder bitten Sie { $company } um einen neuen.
