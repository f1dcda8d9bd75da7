# Mails: a link for its customer, and notices of passkeys that come and go.
mail-link-subject = { $company }: נא לאשר שזה אכן אתם
mail-link-intro = { $company } מבקשת שתאשרו שזה אכן אתם. פתחו את הקישור הזה בטלפון שלכם:
mail-link-open = פתיחת הדף
mail-link-once = הקישור פועל פעם אחת בלבד, ולזמן קצר.
mail-link-unexpected = לא ציפיתם להודעה הזאת? אל תפתחו את הקישור, והודיעו על כך אל { $company } במספר טלפון המוכר לכם.
mail-never-asks = { $company } לעולם לא תבקש מכם את הקוד או את הסיסמה של הטלפון.
mail-added-subject = { $company }: נוסף עבורכם מפתח גישה חדש
mail-added-intro = נוסף עבורכם מפתח גישה חדש אצל { $company }: { $moment }. מי שמחזיק בו יכול לאשר שהוא אתם.
mail-removed-subject = { $company }: אחד ממפתחות הגישה שלכם הוסר
mail-removed-intro = אחד ממפתחות הגישה שלכם אצל { $company } הוסר: { $moment }. אי אפשר עוד להשתמש בו.
mail-app-added-subject = { $company }: הוגדרה עבורכם אפליקציית אימות
mail-app-added-intro = הוגדרה עבורכם אפליקציית אימות אצל { $company }: { $moment }. מי שמחזיק בה יכול לאשר באמצעות הקודים שלה שהוא אתם.
mail-app-removed-subject = { $company }: אפליקציית האימות שלכם הוסרה
mail-app-removed-intro = אפליקציית האימות שלכם אצל { $company } הוסרה: { $moment }. אי אפשר עוד להשתמש בקודים שלה.
mail-not-you = זה הייתם אתם? אין צורך לעשות דבר. אם לא, התקשרו מיד אל { $company } במספר טלפון המוכר לכם.
mail-not-you-phone = זה הייתם אתם? אין צורך לעשות דבר. אם לא, התקשרו מיד אל { $company }: { $phone }.
mail-automatic = ההודעה נשלחה באופן אוטומטי. תשובות אליה אינן נקראות.
