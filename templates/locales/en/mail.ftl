# Mails: a link for its customer, and notices of passkeys that come and go.
mail-link-subject = { $company }: please confirm that it is you
mail-link-intro = { $company } asks you to confirm that it is you. Open this link on your phone:
mail-link-open = Open the page
mail-link-once = The link works once, and only for a short time.
mail-link-unexpected = You did not expect this? Then do not open the link, and tell { $company } by a telephone number that you know.
mail-never-asks = { $company } never asks you for the PIN or the password of your phone.
mail-added-subject = { $company }: a new passkey was added for you
mail-added-intro = A new passkey was added for you at { $company }: { $moment }. Whoever has it can confirm that they are you.
mail-removed-subject = { $company }: one of your passkeys was removed
mail-removed-intro = One of your passkeys at { $company } was removed: { $moment }. It can no longer be used.
mail-app-added-subject = { $company }: an authenticator app was set up for you
mail-app-added-intro = An authenticator app was set up for you at { $company }: { $moment }. Whoever has it can confirm with its codes that they are you.
mail-app-removed-subject = { $company }: your authenticator app was removed
mail-app-removed-intro = Your authenticator app at { $company } was removed: { $moment }. Its codes can no longer be used.
mail-not-you = Was this you? Then there is nothing to do. If not, call { $company } at once, by a telephone number that you know.
mail-not-you-phone = Was this you? Then there is nothing to do. If not, call { $company } at once: { $phone }.
mail-automatic = This mail was sent automatically. Nobody reads replies to it.
