# Mails: a link for its customer, and notices of passkeys that come and go.
mail-link-subject = { $company }: कृपया पुष्टि करें कि यह आप ही हैं
mail-link-intro = { $company } आपसे पुष्टि चाहता है कि यह आप ही हैं। यह लिंक अपने फ़ोन पर खोलें:
mail-link-open = पेज खोलें
mail-link-once = लिंक केवल एक बार और थोड़े समय के लिए काम करता है।
mail-link-unexpected = क्या आपको इस मेल की उम्मीद नहीं थी? तो लिंक न खोलें, और किसी ऐसे फ़ोन नंबर पर { $company } को बताएँ जिसे आप जानते हैं।
mail-never-asks = { $company } आपसे कभी आपके फ़ोन का PIN या पासवर्ड नहीं माँगता।
mail-added-subject = { $company }: आपके लिए एक नई पासकी जोड़ी गई
mail-added-intro = { $company } में आपके लिए एक नई पासकी जोड़ी गई: { $moment }। जिसके पास यह है, वह पुष्टि कर सकता है कि वह आप हैं।
mail-removed-subject = { $company }: आपकी एक पासकी हटा दी गई
mail-removed-intro = { $company } में आपकी एक पासकी हटा दी गई: { $moment }। अब उसका उपयोग नहीं हो सकता।
mail-app-added-subject = { $company }: आपके लिए एक ऑथेंटिकेटर ऐप सेट किया गया
mail-app-added-intro = { $company } में आपके लिए एक ऑथेंटिकेटर ऐप सेट किया गया: { $moment }। जिसके पास यह है, वह इसके कोड से पुष्टि कर सकता है कि वह आप हैं।
mail-app-removed-subject = { $company }: आपका ऑथेंटिकेटर ऐप हटाया गया
mail-app-removed-intro = { $company } में आपका ऑथेंटिकेटर ऐप हटाया गया: { $moment }। अब इसके कोड इस्तेमाल नहीं किए जा सकते।
mail-not-you = क्या यह आपने किया? तो कुछ करने की ज़रूरत नहीं। अगर नहीं, तो किसी ऐसे फ़ोन नंबर पर { $company } को तुरंत फ़ोन करें जिसे आप जानते हैं।
mail-not-you-phone = क्या यह आपने किया? तो कुछ करने की ज़रूरत नहीं। अगर नहीं, तो { $company } को तुरंत फ़ोन करें: { $phone }।
mail-automatic = यह मेल अपने आप भेजा गया है। इसके जवाब कोई नहीं पढ़ता।
