# The known door: one field for the code that the agent reads out.
door-title = Enter your code
door-intro = Is { $company } on the phone and reading you a code? Type its twelve digits here.
door-label = Code
door-go = Continue
door-wrong = That code does not work now. Check the twelve digits, or ask for a new code: a code works for ten minutes at most.
door-wait = Too many codes were typed. Please wait a minute and try again.
door-note = You type a code here that you hear. Nobody at { $company } asks you to read a code to them. If a call surprises you, hang up and call a number you know.
