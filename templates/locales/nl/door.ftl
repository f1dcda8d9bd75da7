# The known door: one field for the code that the agent reads out.
door-title = Vul uw code in
door-intro = Hebt u { $company } aan de telefoon en leest iemand u een code voor? Typ hier de twaalf cijfers.
door-label = Code
door-go = Verder
door-wrong = Deze code werkt nu niet. Controleer de twaalf cijfers of vraag om een nieuwe code: een code werkt hoogstens tien minuten.
door-wait = Er zijn te veel codes ingevuld. Wacht een minuut en probeer het opnieuw.
door-note = Hier typt u een code die u hoort. Niemand van { $company } vraagt u een code voor te lezen. Verrast een telefoontje u, hang dan op en bel een nummer dat u kent.
