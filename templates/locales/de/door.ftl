# The known door: one field for the code that the agent reads out.
door-title = Code eingeben
door-intro = Ist jemand von { $company } am Telefon und liest Ihnen einen Code vor? Geben Sie hier die zwölf Ziffern ein.
door-label = Code
door-go = Weiter
door-wrong = Dieser Code funktioniert gerade nicht. Prüfen Sie die zwölf Ziffern oder bitten Sie um einen neuen Code: Er gilt höchstens zehn Minuten.
door-wait = Es wurden zu viele Codes eingegeben. Bitte warten Sie eine Minute und versuchen Sie es noch einmal.
door-note = Hier geben Sie einen Code ein, den Sie hören. Niemand bei { $company } bittet Sie, einen Code vorzulesen. Überrascht Sie ein Anruf, legen Sie auf und rufen Sie eine Nummer an, die Sie kennen.
