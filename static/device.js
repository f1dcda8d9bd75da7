/* What kind of device and browser a page is in; it only chooses what the page shows first. */
const Device = (function () {
  "use strict";

  const IN_APP = new RegExp("FBAN|FBAV|FB_IAB|Instagram|Barcelona|musical_ly|Bytedance|LinkedInApp|" +
    "Line/|MicroMessenger|Snapchat|Twitter|GSA/|WAiOS/|WA4A/|; wv\\)");

  /* Marks the page with what it is in, and answers "ios", "android" or "computer". */
  function describe(data) {
    const agent = navigator.userAgent;
    const ios = /iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1);
    data.client = ios ? "ios" : /Android/.test(agent) ? "android" : "computer";
    const inApp = IN_APP.test(agent) || (ios && !/Safari\//.test(agent)) ||
      window.TelegramWebviewProxy || window.TelegramWebview;
    if (inApp) data.app = "yes";
    return data.client;
  }

  /* The ways to another browser: by address, and to copy. */
  function prepareEscapes() {
    const bare = location.href.replace(/^https?:\/\//, "").replace(/#.*$/, "");
    const intent = "intent://" + bare + "#Intent;scheme=" + location.protocol.slice(0, -1) +
      ";action=android.intent.action.VIEW;";
    const fallback = "S.browser_fallback_url=" + encodeURIComponent(location.href) + ";end";
    document.getElementById("open-android").href = intent + fallback;
    document.getElementById("open-chrome").href = intent + "package=com.android.chrome;" + fallback;
    document.getElementById("open-ios").href = "x-safari-" + location.href;
    document.querySelectorAll(".link").forEach(field => { field.value = location.href; });
  }

  /* Answers "ready", "locked" (no screen lock, or an app that keeps passkeys away) or "none". */
  async function probe() {
    const keys = window.PublicKeyCredential;
    if (!window.isSecureContext || !keys || !navigator.credentials || !navigator.credentials.create) return "none";
    try {
      return await keys.isUserVerifyingPlatformAuthenticatorAvailable() ? "ready" : "locked";
    } catch (_) { // cannot tell: let the customer try
      return "ready";
    }
  }

  return { describe, prepareEscapes, probe };
})();
