# Mails: a link for its customer, and notices of passkeys that come and go.
mail-link-subject = { $company }: يرجى تأكيد أنك أنت
mail-link-intro = تطلب منك { $company } تأكيد أنك أنت. افتح هذا الرابط على هاتفك:
mail-link-open = فتح الصفحة
mail-link-once = يعمل الرابط مرة واحدة ولوقت قصير فقط.
mail-link-unexpected = لم تكن تتوقع هذه الرسالة؟ لا تفتح الرابط، وأبلغ { $company } عبر رقم هاتف تعرفه.
mail-never-asks = لا تطلب منك { $company } أبدًا رمز هاتفك أو كلمة مروره.
mail-added-subject = { $company }: أُضيف مفتاح مرور جديد لك
mail-added-intro = أُضيف مفتاح مرور جديد لك لدى { $company }: { $moment }. من يملكه يستطيع تأكيد أنه أنت.
mail-removed-subject = { $company }: أُزيل أحد مفاتيح المرور الخاصة بك
mail-removed-intro = أُزيل أحد مفاتيح المرور الخاصة بك لدى { $company }: { $moment }. لم يعد من الممكن استخدامه.
mail-not-you = هل كنت أنت؟ إذن لا حاجة إلى فعل شيء. وإلا فاتصل فورًا بـ { $company } عبر رقم هاتف تعرفه.
mail-not-you-phone = هل كنت أنت؟ إذن لا حاجة إلى فعل شيء. وإلا فاتصل فورًا بـ { $company }: { $phone }.
mail-automatic = أُرسلت هذه الرسالة تلقائيًا. لا يقرأ أحد الردود عليها.
