# Codes of an authenticator app, and recovery codes: their page, and the way to it.
app-link = Code aus einer Authenticator-App verwenden
app-title = Mit einem Code aus Ihrer App bestätigen
app-need = Dafür brauchen Sie eine Authenticator-App: eine App auf Ihrem Telefon, die sechsstellige Codes anzeigt. Viele Passwort-Manager können das auch.
app-other = Anders bestätigen

app-add-title = { $company } in Ihre App aufnehmen
app-add-scan = Wählen Sie in Ihrer Authenticator-App „Konto hinzufügen“, und scannen Sie diesen QR-Code.
app-add-qr = QR-Code, der { $company } in Ihre App aufnimmt
app-add-tap = Ist die App auf diesem Telefon? Tippen Sie hier, um { $company } aufzunehmen:
app-add-open = In meiner App öffnen
app-add-key = Oder kopieren Sie diesen Schlüssel in Ihre App:
app-add-copy = Schlüssel kopieren
app-add-elsewhere = Meine App ist auf einem anderen Gerät
app-add-private = Zeigen Sie das niemandem. Wer es hat, kann Ihre Codes erzeugen.
app-add-done = Ich habe es aufgenommen
app-copied = Kopiert

app-code-title = Geben Sie den Code aus Ihrer App ein
app-code-text = Ihre App zeigt für { $company } sechs Ziffern, alle 30 Sekunden neue.
app-code-wrong = Dieser Code stimmt nicht oder wurde schon benutzt. Warten Sie, bis Ihre App den nächsten zeigt, und geben Sie den ein.
app-code-private = Geben Sie ihn nur hier ein. Niemand von { $company } bittet Sie, ihn vorzulesen.
app-code-back = QR-Code und Schlüssel noch einmal zeigen

app-recovery = Ersatzcode verwenden
app-recovery-title = Geben Sie einen Ersatzcode ein
app-recovery-text = Sie haben zehn davon bekommen, als Sie Ihre App eingerichtet haben. Jeder gilt einmal.
app-recovery-label = Ersatzcode
app-recovery-short = Bitte geben Sie alle zehn Buchstaben und Ziffern ein.
app-recovery-wrong = Dieser Ersatzcode stimmt nicht oder wurde schon benutzt. Bitte prüfen Sie ihn, oder nehmen Sie einen anderen.
app-recovery-back = Code aus meiner App verwenden
app-recovery-none = Ich habe App und Ersatzcodes verloren
app-told-text = Man weiß dort, dass Sie Ihre App nicht mehr verwenden können. Man prüft es auf anderem Weg mit Ihnen und schickt dann einen neuen Link.

app-keep-title = Bestätigt. Bewahren Sie jetzt diese Codes auf
app-keep-text = Wenn Sie Ihr Telefon verlieren, gilt jeder von ihnen einmal statt Ihrer App. Bewahren Sie sie so auf, dass nur Sie sie finden: Sie werden nicht noch einmal gezeigt.
app-keep-codes = Ersatzcodes für { $company }
app-keep-copy = Codes kopieren
app-keep-print = Drucken
app-keep-done = Ich habe sie aufbewahrt

app-done = Bestätigt mit einem Code aus Ihrer App. { $company } sieht es jetzt.
app-done-recovery = Bestätigt mit einem Ersatzcode, der nun nicht mehr gilt. { $company } sieht es jetzt.
app-mine = Ansehen, was Sie bestätigt haben

app-none-title = Es ist noch keine App eingerichtet
app-none-text = Es wurde nichts bestätigt. Sie haben noch keine Authenticator-App für { $company }, und dieser Link kann keine einrichten. Sagen Sie es der Person von { $company }: Man kann Ihnen auch anders helfen.
app-lost-text = Ihr Code ist auf dieser Seite sicher. Tippen Sie, um fortzufahren.
app-help-what = { $company } möchte sicher sein, dass Sie es sind. Ihre App macht alle 30 Sekunden einen neuen Code, den nur Sie sehen. Sie geben ihn hier ein, auf dieser Seite.
app-help-clock = <b>Ihr Code stimmt nicht?</b> Prüfen Sie, ob Ihr Telefon seine Uhr automatisch stellt, und geben Sie dann den neuesten Code ein.
