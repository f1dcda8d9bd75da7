/* The customer's ceremony. Words live in the page; this file chooses which of them show. Nothing
   is sent and the device asks nothing before a real tap: previews and mail scanners run scripts. */
(function () {
  "use strict";

  const QUICK_MS = 1000; // refused faster than a person can: the browser or the passkey is missing
  const SLOW_MS = 30000; // refused later than this: the device gave up waiting
  const REPLY_MS = 20000; // how long one request may take
  const RETRIES_MS = [1500, 4000]; // pauses before an unanswered verify goes out again
  const IN_APP = new RegExp("FBAN|FBAV|FB_IAB|Instagram|Barcelona|musical_ly|Bytedance|LinkedInApp|" +
    "Line/|MicroMessenger|Snapchat|Twitter|GSA/|WAiOS/|WA4A/|; wv\\)");

  /* Where a problem's `code` leads; those not named here are trouble on the server's side. */
  const SCREEN_OF_CODE = {
    challenge_expired: "once-more",
    challenge_used: "once-more",
    not_confirmed: "not-confirmed",
    link_invalid: "unknown",
    link_expired: "expired",
    link_used: "used",
    link_revoked: "revoked",
    link_failed: "failed",
    link_declined: "declined",
    wrong_ceremony: "new-link",
    call_code_required: "new-link",
    call_code_wrong: "new-link",
    forbidden_origin: "misfit",
    network: "offline"
  };

  /* Where a DOMException's name leads, NotAllowedError apart. */
  const SCREEN_OF_NAME = {
    AbortError: "timeout",
    TimeoutError: "timeout",
    InvalidStateError: "already",
    SecurityError: "misfit",
    ConstraintError: "unable",
    NotSupportedError: "unable"
  };

  const root = document.documentElement;
  let kind; // "register" or "authenticate"
  let client; // "ios", "android" or "computer"
  let run = 0; // the newest ceremony's number: what an older one still brings is dropped
  let device = null; // aborts the device's dialog
  let signed = null; // the answer's body, from signing until the server has settled it
  let again = confirm; // what "Try again" does
  let home = "start"; // the screen "Back" leads to
  let waiting = false; // between a tap and what comes of it

  root.classList.add("js");
  document.addEventListener("DOMContentLoaded", () => {
    kind = document.body.dataset.kind;
    describeClient();
    prepareEscapes();
    localTime(id("expires"), new Date(id("expires").dateTime));
    document.addEventListener("click", onClick);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && document.body.dataset.screen === "lock") look();
    });
    window.addEventListener("pagehide", abortDevice);
    look();
  });

  /* ---- What kind of device and browser this is; it only chooses the first screen ---- */

  function describeClient() {
    const agent = navigator.userAgent;
    const ios = /iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1);
    client = ios ? "ios" : /Android/.test(agent) ? "android" : "computer";
    document.body.dataset.client = client;
    const inApp = IN_APP.test(agent) || (/iPhone|iPad/.test(agent) && !/Safari\//.test(agent)) ||
      window.TelegramWebviewProxy || window.TelegramWebview;
    if (inApp) document.body.dataset.app = "yes";
  }

  function prepareEscapes() {
    const bare = location.href.replace(/^https?:\/\//, "").replace(/#.*$/, "");
    const intent = "intent://" + bare + "#Intent;scheme=" + location.protocol.slice(0, -1) +
      ";action=android.intent.action.VIEW;";
    const fallback = "S.browser_fallback_url=" + encodeURIComponent(location.href) + ";end";
    id("open-android").href = intent + fallback;
    id("open-chrome").href = intent + "package=com.android.chrome;" + fallback;
    id("open-ios").href = "x-safari-" + location.href;
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

  function look() {
    probe().then(found => {
      const here = document.body.dataset.screen;
      if (waiting || (here !== "start" && here !== "lock")) return;
      const noLock = found === "locked" && client === "android" && !document.body.dataset.app;
      const onPhone = client === "computer" && document.querySelector(".qr");
      home = found === "ready" ? "start" : onPhone ? "phone" : noLock ? "lock" : "open";
      if (found === "ready") document.body.dataset.ready = "yes";
      document.body.dataset.probe = found;
      show(home);
    });
  }

  /* ---- Taps ---- */

  const ACTIONS = {
    confirm: () => { confirm(); },
    again: () => { again(); },
    look: look,
    back: () => { show(home); },
    show: button => { show(button.dataset.to); },
    decline: button => { decline(button.dataset.reason); },
    copy: copy
  };

  function onClick(event) {
    const button = event.target.closest("[data-do]");
    if (event.isTrusted && button && !button.disabled) ACTIONS[button.dataset.do](button);
  }

  /* Tap, one request, then the device's dialog at once: older Safari allows no more in between. */
  function confirm() {
    if (waiting) return;
    const mine = ++run;
    let token;
    let began = null;
    again = confirm;
    signed = null;
    abortDevice();
    const asking = device = new AbortController();
    wait(true);
    post("/api/ceremony/" + kind + "/options", JSON.stringify({ token: document.body.dataset.token }))
      .then(answer => {
        if (mine !== run) return null;
        token = answer.challenge_token;
        if (!token || !answer.publicKey) throw { problem: "unknown" };
        const request = { publicKey: decodeOptions(answer.publicKey), signal: asking.signal };
        began = performance.now();
        return kind === "register" ? navigator.credentials.create(request) : navigator.credentials.get(request);
      })
      .then(credential => {
        if (mine !== run) return;
        signed = JSON.stringify({ challenge_token: token, credential: encodeCredential(credential) });
        send(0);
      })
      .catch(error => {
        if (mine !== run) return;
        wait(false);
        if (error.problem) return explainProblem(error);
        explainDevice(error, began === null ? null : performance.now() - began);
      });
  }

  /* The same bytes however often they go out: the server answers a repeat as it did the first. */
  function send(retries) {
    const mine = run;
    wait(false);
    waiting = true;
    again = () => { send(0); };
    if (retries === 0) show("checking");
    id("still-trying").hidden = retries === 0;
    post("/api/ceremony/" + kind + "/verify", signed).then(answer => {
      if (answer.verified !== true) throw { problem: "unknown", status: 502 };
      succeed(answer);
    }).catch(error => {
      if (mine !== run) return;
      const unanswered = error.problem === "network" || error.status >= 500;
      if (unanswered && retries < RETRIES_MS.length) {
        return setTimeout(() => { send(retries + 1); }, RETRIES_MS[retries]);
      }
      waiting = false;
      if (unanswered) return show("lost");
      if (error.status !== 429) {
        signed = null;
        again = confirm;
      }
      explainProblem(error);
    });
  }

  function succeed(answer) {
    waiting = false;
    signed = null;
    const now = new Date();
    id("confirmed-at").dateTime = now.toISOString();
    localTime(id("confirmed-at"), now);
    offerReturn(answer.return_url);
    history.replaceState(null, "", location.pathname);
    show("success");
  }

  /* A link for the customer to follow, never a redirect. */
  function offerReturn(address) {
    if (!address) return;
    try {
      const url = new URL(address);
      if (url.protocol !== "https:" && url.origin !== location.origin) return;
      id("return").href = url.href;
      id("return").hidden = false;
    } catch (_) { /* not an address: offer nothing */ }
  }

  function decline(reason) {
    run++;
    abortDevice();
    wait(false);
    again = () => { decline(reason); };
    waiting = true;
    show("checking");
    post("/api/ceremony/decline", JSON.stringify({ token: document.body.dataset.token, reason: reason })).then(
      () => { waiting = false; show("declined"); },
      error => { waiting = false; explainProblem(error); }
    );
  }

  async function copy(button) {
    const field = button.parentNode.querySelector(".link");
    field.focus();
    field.select(); // whatever follows, the customer can copy by hand
    try {
      await navigator.clipboard.writeText(field.value);
    } catch (_) {
      if (!document.execCommand("copy")) return;
    }
    phase(button, "done");
    announce(button);
  }

  /* ---- What went wrong ---- */

  function explainProblem(error) {
    if (error.status === 429) return holdOn(error.retryAfter);
    show(SCREEN_OF_CODE[error.problem] || "server");
  }

  /* `ms`: how long the device took to refuse; null if it was never asked. */
  function explainDevice(error, ms) {
    document.body.dataset.error = error.name + " " + Math.round(ms || 0);
    if (error.name !== "NotAllowedError") {
      const unexpected = error.name === "InvalidStateError" && kind !== "register";
      return show(!unexpected && SCREEN_OF_NAME[error.name] || "trouble");
    }
    if (ms >= SLOW_MS) return show("timeout");
    if (ms >= QUICK_MS) return show("cancelled");
    show(kind === "register" || document.body.dataset.app ? "open" : "no-passkey");
  }

  function holdOn(seconds) {
    const button = id("wait-over");
    id("wait-seconds").textContent = seconds;
    button.disabled = true;
    setTimeout(() => { button.disabled = false; }, seconds * 1000);
    show("wait");
  }

  /* ---- Talking to the server ---- */

  /* Resolves to the answer's JSON; rejects with {problem, status, retryAfter}. */
  function post(path, body) {
    const clock = new AbortController();
    const timer = setTimeout(() => { clock.abort(); }, REPLY_MS);
    return fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: body,
      credentials: "same-origin", cache: "no-store", redirect: "error",
      signal: clock.signal
    }).then(response => response.text().then(body => {
      clearTimeout(timer);
      const answer = parse(body);
      if (response.ok) return answer;
      throw {
        problem: answer.code || "unknown",
        status: response.status,
        retryAfter: Math.min(Math.max(parseInt(response.headers.get("Retry-After"), 10) || 10, 1), 300)
      };
    })).catch(error => {
      clearTimeout(timer);
      throw error.problem ? error : { problem: "network", status: 0 };
    });
  }

  /* What is not JSON was not written by our server (a proxy, a portal): it says nothing. */
  function parse(body) {
    try {
      return JSON.parse(body) || {};
    } catch (_) {
      return {};
    }
  }

  /* ---- WebAuthn Level 3, sections 5.1.8 to 5.1.10, done here for browsers without them ---- */

  function decodeOptions(json) {
    const options = withoutNulls(json);
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    ["excludeCredentials", "allowCredentials"].forEach(list => {
      (options[list] || []).forEach(entry => { entry.id = bytes(entry.id); });
    });
    return options;
  }

  /* Browsers throw on a member that is null where they accept one that is absent. */
  function withoutNulls(value) {
    if (Array.isArray(value)) return value.filter(item => item !== null).map(withoutNulls);
    if (value === null || typeof value !== "object") return value;
    return Object.keys(value).reduce((copy, key) => {
      if (value[key] !== null) copy[key] = withoutNulls(value[key]);
      return copy;
    }, {});
  }

  function encodeCredential(credential) {
    const from = credential.response;
    const response = { clientDataJSON: text(from.clientDataJSON) };
    if (kind === "register") {
      response.attestationObject = text(from.attestationObject);
      if (from.getTransports) response.transports = from.getTransports();
    } else {
      response.authenticatorData = text(from.authenticatorData);
      response.signature = text(from.signature);
      if (from.userHandle) response.userHandle = text(from.userHandle);
    }
    const json = {
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      clientExtensionResults: withoutNulls(credential.getClientExtensionResults()),
      response: response
    };
    if (credential.authenticatorAttachment) json.authenticatorAttachment = credential.authenticatorAttachment;
    return json;
  }

  function bytes(base64url) {
    const binary = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(binary, character => character.charCodeAt(0));
  }

  function text(buffer) {
    const binary = Array.from(new Uint8Array(buffer), byte => String.fromCharCode(byte)).join("");
    return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  /* ---- The page ---- */

  function show(name) {
    const moved = document.body.dataset.screen !== name;
    document.querySelectorAll(".screen").forEach(screen => { screen.hidden = screen.id !== "screen-" + name; });
    document.body.dataset.screen = name;
    if (!moved) return;
    window.scrollTo(0, 0);
    document.querySelector("#screen-" + name + " h1").focus({ preventScroll: true });
  }

  /* The main button while the device asks. */
  function wait(on) {
    waiting = on;
    if (on) show("start");
    id("confirm").disabled = on;
    phase(id("confirm"), on ? "waiting" : "ready");
    if (on) announce(id("confirm"));
  }

  function phase(button, name) {
    button.querySelectorAll("[data-when]").forEach(part => { part.hidden = part.dataset.when !== name; });
  }

  function announce(element) {
    id("status").textContent = element.innerText.trim();
  }

  function localTime(element, date) {
    const form = { hour: "2-digit", minute: "2-digit" };
    if (date.toDateString() !== new Date().toDateString()) Object.assign(form, { day: "numeric", month: "long" });
    try {
      element.textContent = date.toLocaleString(root.lang || undefined, form);
    } catch (_) { // a language tag that is none
      element.textContent = date.toLocaleString(undefined, form);
    }
  }

  function abortDevice() {
    if (device) device.abort();
    device = null;
  }

  function id(name) {
    return document.getElementById(name);
  }
})();
