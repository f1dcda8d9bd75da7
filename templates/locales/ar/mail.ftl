# Mails: a link for its customer, and notices of passkeys that come and go.
mail-link-subject = { $company }: يُرجى تأكيد أنكم أنتم
mail-link-intro = تطلب منكم { $company } تأكيد أنكم أنتم. افتحوا هذا الرابط على هاتفكم:
mail-link-open = فتح الصفحة
mail-link-once = يعمل الرابط مرة واحدة ولوقت قصير فقط.
mail-link-unexpected = لم تكونوا تتوقعون هذه الرسالة؟ لا تفتحوا الرابط، وأبلغوا { $company } عبر رقم هاتف تعرفونه.
mail-never-asks = لا تطلب منكم { $company } أبدًا رمز هاتفكم أو كلمة مروره.
mail-added-subject = { $company }: أُضيف مفتاح مرور جديد لكم
mail-added-intro = أُضيف مفتاح مرور جديد لكم لدى { $company }: { $moment }. من يملكه يستطيع تأكيد أنه أنتم.
mail-removed-subject = { $company }: أُزيل أحد مفاتيح المرور الخاصة بكم
mail-removed-intro = أُزيل أحد مفاتيح المرور الخاصة بكم لدى { $company }: { $moment }. لم يعد من الممكن استخدامه.
mail-app-added-subject = { $company }: أُعدّ تطبيق مصادقة لكم
mail-app-added-intro = أُعدّ تطبيق مصادقة لكم لدى { $company }: { $moment }. من يملكه يستطيع برموزه تأكيد أنه أنتم.
mail-app-removed-subject = { $company }: أُزيل تطبيق المصادقة الخاص بكم
mail-app-removed-intro = أُزيل تطبيق المصادقة الخاص بكم لدى { $company }: { $moment }. لم يعد من الممكن استخدام رموزه.
mail-not-you = هل كنتم أنتم؟ إذن لا حاجة إلى فعل شيء. وإلا فاتصلوا فورًا بـ { $company } عبر رقم هاتف تعرفونه.
mail-not-you-phone = هل كنتم أنتم؟ إذن لا حاجة إلى فعل شيء. وإلا فاتصلوا فورًا بـ { $company }: { $phone }.
mail-automatic = أُرسلت هذه الرسالة تلقائيًا. لا يقرأ أحد الردود عليها.
