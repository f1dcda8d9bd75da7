/* Requests to our server, and WebAuthn's JSON forms: what pages with a ceremony share. */
const Ceremony = (function () {
  "use strict";

  const REPLY_MS = 20000; // how long one request may take

  /* ---- Talking to the server ---- */

  /* Resolves to the answer's JSON; rejects with {problem, status, retryAfter}. */
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
      if (response.ok) return answer;
      throw {
        problem: answer.code || "unknown",
        status: response.status,
        left: answer.tries_left,
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

  /* A number of seconds in the page's language. */
  function seconds(number) {
    try {
      const form = { style: "unit", unit: "second", unitDisplay: "long" };
      return new Intl.NumberFormat(document.documentElement.lang, form).format(number);
    } catch (_) { // an older browser
      return number + " s";
    }
  }

  return { post, decode: decodeOptions, encode: encodeCredential, digits, seconds };
})();
