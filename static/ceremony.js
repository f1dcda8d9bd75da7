/* Requests to our server, WebAuthn's JSON forms, and screens: what both of a link's pages share. */
const Ceremony = (function () {
  "use strict";

  const REPLY_MS = 20000; // how long one request may take
  const CALM_MS = 400; // the second of two quick taps was meant for the screen before

  /* Where a problem's `code` leads on either page; a page names its own, and all others are trouble
     on the server's side. */
  const SCREEN_OF_CODE = {
    challenge_expired: "once-more",
    challenge_used: "once-more",
    link_invalid: "unknown",
    link_expired: "expired",
    link_used: "used",
    link_revoked: "revoked",
    link_failed: "failed",
    link_declined: "declined",
    call_code_expired: "code-late",
    forbidden_origin: "misfit",
    network: "offline"
  };

  const OVERLAYS = ["help", "not-me", "no-call", "checking"]; // "Back" does not lead to these

  const root = document.documentElement;
  let below; // the screen "Back" leads to

  /* ---- Talking to the server ---- */

  /* Resolves to the answer's JSON and its date by our clock; rejects with {problem, status, retryAfter}. */
  function post(path, body, outliving) {
    const clock = new AbortController();
    const timer = setTimeout(() => { clock.abort(); }, REPLY_MS);
    return fetch("/api/ceremony/" + path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
      credentials: "same-origin", cache: "no-store", redirect: "error",
      signal: clock.signal, keepalive: !!outliving
    }).then(response => response.text().then(body => {
      clearTimeout(timer);
      const answer = parse(body);
      const date = response.headers.get("Date");
      if (response.ok && answer) return Object.assign(answer, { date });
      if (response.ok) throw null; // never a "done" that we did not say
      throw {
        problem: answer && answer.code || "unknown",
        status: response.status,
        left: answer && answer.tries_left,
        retryAfter: Math.min(Math.max(parseInt(response.headers.get("Retry-After"), 10) || 10, 1), 3600)
      };
    })).catch(error => {
      clearTimeout(timer);
      throw error && error.problem ? error : { problem: "network", status: 0 };
    });
  }

  /* What is not JSON was not written by our server (a proxy, a portal): it says nothing. */
  function parse(body) {
    try {
      return JSON.parse(body);
    } catch (_) {
      return null;
    }
  }

  /* ---- WebAuthn Level 3, sections 5.1.8 to 5.1.10, done here for browsers without them ---- */

  function decode(json) {
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

  function encode(credential) {
    const from = credential.response;
    const response = { clientDataJSON: text(from.clientDataJSON) };
    if (from.attestationObject) {
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
      response
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

  /* ---- Words and numbers ---- */

  /* Six digits, also of Arabic and Devanagari keyboards; null if they are not six. */
  function digits(typed) {
    const plain = typed.replace(/[٠-٩۰-۹०-९]/g, digit => {
      const point = digit.charCodeAt(0);
      return (point > 0x900 ? point - 6 : point) & 15;
    }).replace(/\D/g, "");
    return plain.length === 6 ? plain : null;
  }

  /* So many seconds in the page's language, or minutes where they are many. */
  function span(seconds) {
    const many = seconds > 120;
    const number = many ? Math.ceil(seconds / 60) : seconds;
    try {
      const form = { style: "unit", unit: many ? "minute" : "second", unitDisplay: "long" };
      return new Intl.NumberFormat(root.lang, form).format(number);
    } catch (_) { // an older browser
      return number + (many ? " min" : " s");
    }
  }

  function localTime(element, date) {
    const form = { hour: "2-digit", minute: "2-digit" };
    if (date.toDateString() !== new Date().toDateString()) Object.assign(form, { day: "numeric", month: "long" });
    element.textContent = date.toLocaleString(root.lang, form);
  }

  /* ---- Screens ---- */

  /* The screens before anything is asked of the customer, in order. */
  function prepare() {
    const steps = Array.from(document.querySelectorAll(".step"), step => step.id.slice(7));
    below = steps[0];
    localTime(id("expires"), new Date(id("expires").dateTime));
    return steps;
  }

  /* `stay`: "Back" leads to it, though it is one that shows for a moment. */
  function show(name, stay) {
    const data = document.body.dataset;
    const moved = data.screen !== name;
    const here = id("screen-" + name) || id("screen-server");
    document.querySelectorAll(".screen").forEach(screen => { screen.hidden = screen !== here; });
    data.screen = name;
    document.body.classList.toggle("at-end", here.classList.contains("over"));
    if (stay || !OVERLAYS.includes(name)) below = name;
    if (!moved) return;
    data.calm = performance.now() + CALM_MS;
    window.scrollTo(0, 0);
    here.querySelector("h1").focus({ preventScroll: true });
  }

  /* The button that somebody tapped; null for what a script does, and for a second quick tap. */
  function tapped(event) {
    const button = event.target.closest("[data-do]");
    if (!event.isTrusted || !button || button.disabled) return null;
    // Keys have no `detail`. Clocks of events and pages may part while a phone sleeps: not for ever.
    const calm = document.body.dataset.calm;
    const quick = event.detail && event.timeStamp < calm && performance.now() - calm < 2000;
    return quick ? null : button;
  }

  /* Of an element's parts, those for this phase. */
  function phase(element, name) {
    element.querySelectorAll("[data-when]").forEach(part => {
      part.hidden = !part.dataset.when.split(" ").includes(name);
    });
  }

  function announce(element) {
    id("status").textContent = element.innerText.trim();
  }

  /* One request about the link, with "Checking" meanwhile. */
  function tell(path, more) {
    show("checking");
    return post(path, JSON.stringify(Object.assign({ token: document.body.dataset.token }, more)));
  }

  function explain(error, own) {
    if (error.status === 429) return holdOn(error.retryAfter);
    show(own[error.problem] || SCREEN_OF_CODE[error.problem] || "server");
  }

  function holdOn(seconds) {
    const button = id("wait-over");
    id("wait-seconds").textContent = span(seconds);
    button.disabled = true;
    setTimeout(() => {
      button.disabled = false;
      announce(button);
    }, seconds * 1000);
    show("wait");
  }

  /* What the server says of a verified link. */
  function succeed(answer) {
    const now = new Date(answer.date || Date.now());
    id("confirmed-at").dateTime = now.toISOString();
    localTime(id("confirmed-at"), now);
    offerReturn(answer.return_url);
    if (answer.session) id("mine").href = "/me?lang=" + root.lang + "#" + answer.session;
    history.replaceState(null, "", location.pathname);
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

  function id(name) {
    return document.getElementById(name);
  }

  return {
    post, decode, encode, digits, prepare, show, below: () => below, tapped, phase, announce, tell, explain, succeed, id
  };
})();
