/* The customer's own view. The session lives in this page's memory and nowhere else: a reload ends
   it. Words live in the page; this file fills in what is the customer's, as text only. */
(function () {
  "use strict";

  const REPLY_MS = 20000; // how long one request may take

  let session = location.hash.slice(1);
  let seen = { passkeys: [], authenticator_apps: [], history: [] };
  let chosen = null; // the passkey or the app that may be removed
  let busy = false;

  // Before anything else runs: the history must not keep it.
  history.replaceState(null, "", location.pathname + location.search);

  document.addEventListener("DOMContentLoaded", () => {
    document.addEventListener("click", onClick);
    window.addEventListener("pageshow", event => {
      if (event.persisted) reload();
    });
    reload();
  });

  const ACTIONS = {
    reload: reload,
    list: () => { show("list"); },
    ask: button => { ask(button.dataset.id); },
    remove: () => { remove(""); },
    removeAdded: () => { remove("?with_added=true"); },
    askApp: button => { askApp(button.dataset.id); },
    removeApp: removeApp,
    add: add
  };

  function onClick(event) {
    const button = event.target.closest("[data-do]");
    if (event.isTrusted && button && !busy) ACTIONS[button.dataset.do](button);
  }

  function reload() {
    if (!session) return show("over");
    call("GET", "").then(view => {
      seen = view;
      draw();
      show("list");
    }, explain);
  }

  function draw() {
    id("passkeys").replaceChildren(...seen.passkeys.map(passkey => {
      const row = copy("a-passkey");
      if (passkey.name) row.querySelector(".name").textContent = passkey.name;
      row.querySelector(".is-synced").hidden = !passkey.synced;
      return describe(row, passkey);
    }));
    id("apps").replaceChildren(...seen.authenticator_apps.map(app => {
      const row = copy("an-app");
      const left = app.recovery_codes_left;
      row.querySelector(".left").textContent = left.toLocaleString(document.documentElement.lang);
      return describe(row, app);
    }));
    id("history").replaceChildren(...seen.history.map(request => {
      const row = copy("a-request");
      time(row.querySelector(".at"), request.at);
      const outcome = row.querySelector("[data-status=" + request.status + "]");
      if (outcome) outcome.hidden = false;
      const statement = row.querySelector(".statement-text");
      statement.hidden = !request.statement;
      statement.textContent = request.statement || "";
      return row;
    }));
    id("no-history").hidden = seen.history.length > 0;
    const passkeys = seen.passkeys.length > 0;
    const app = seen.authenticator_apps.length > 0;
    const byCode = seen.authenticator_apps.some(it => it.current);
    id("looks-only").hidden = seen.may_change || byCode;
    id("by-code").hidden = seen.may_change || !byCode;
    reveal(".may-change", seen.may_change);
    reveal(".if-passkeys", passkeys);
    reveal(".if-app", app);
    reveal(".if-both", passkeys && app);
    reveal(".if-app-only", app && !passkeys);
  }

  /* What passkeys and apps have in common. */
  function describe(row, thing) {
    const part = name => row.querySelector("." + name);
    part("is-current").hidden = !thing.current;
    time(part("added"), thing.created_at);
    part("was-used").hidden = !thing.last_used_at;
    if (thing.last_used_at) time(part("used"), thing.last_used_at);
    const button = row.querySelector("[data-do]");
    button.dataset.id = thing.id;
    button.setAttribute("aria-label", button.textContent + ": " + part("name").textContent + ", " +
      part("added").textContent);
    return row;
  }

  function ask(wanted) {
    chosen = seen.passkeys.find(passkey => passkey.id === wanted);
    if (!chosen) return;
    const row = copy("a-passkey");
    id("removing").textContent = chosen.name || row.querySelector(".name").textContent;
    id("removes-current").hidden = !chosen.current;
    id("removes-last").hidden = seen.passkeys.length > 1 || seen.authenticator_apps.length > 0;
    id("removes-added").hidden = id("remove-added").hidden = !chosen.added;
    show("remove");
  }

  function remove(query) {
    const removed = chosen;
    if (!removed) return;
    call("DELETE", "/credentials/" + removed.id + query).then(answer => {
      forget(answer);
      if (removed.current) session = "";
      reveal(".if-session", session);
      show("removed");
    }, explain);
  }

  function askApp(wanted) {
    chosen = seen.authenticator_apps.find(app => app.id === wanted);
    if (chosen) show("remove-app");
  }

  function removeApp() {
    call("DELETE", "/authenticator-apps/" + chosen.id).then(() => { show("app-removed"); }, explain);
  }

  /* Lets the device's keeper of passkeys hide what no longer works (WebAuthn Level 3, section
     5.1.10). Browsers without it, and keepers that do not listen, keep offering it in vain. */
  function forget(answer) {
    const keys = window.PublicKeyCredential;
    const silent = () => { /* the server has removed it all the same */ };
    if (!keys) return;
    if (keys.signalUnknownCredential) keys.signalUnknownCredential(answer.unknownCredential).catch(silent);
    if (keys.signalAllAcceptedCredentials) {
      keys.signalAllAcceptedCredentials(answer.allAcceptedCredentials).catch(silent);
    }
  }

  function add() {
    call("POST", "/credentials").then(link => {
      id("qr").src = "data:image/svg+xml," + encodeURIComponent(link.qr);
      id("by-door").hidden = !link.door_code;
      id("door-url").textContent = link.door_code ? link.door_url : "";
      id("door-code").textContent = link.door_code || "";
      id("add-here").href = link.short_url;
      show("add");
    }, explain);
  }

  function explain(error) {
    if (error.status === 401) {
      session = "";
      return show("over");
    }
    if (error.status === 404) return reload();
    show(error.status === 409 ? "busy" : "trouble");
  }

  /* Resolves to the answer's JSON, if it has any; rejects with {status}, 0 if there was none. */
  function call(method, path) {
    const clock = new AbortController();
    const timer = setTimeout(() => { clock.abort(); }, REPLY_MS);
    busy = true;
    return fetch("/api/me" + path, {
      method: method,
      headers: { Authorization: "Bearer " + session },
      credentials: "omit", cache: "no-store", redirect: "error",
      signal: clock.signal
    }).then(response => {
      if (!response.ok) throw { status: response.status };
      return response.status === 204 ? null : response.json();
    }).catch(error => { throw error.status ? error : { status: 0 }; }).finally(() => {
      clearTimeout(timer);
      busy = false;
    });
  }

  function show(name) {
    document.querySelectorAll(".screen").forEach(screen => { screen.hidden = screen.id !== "screen-" + name; });
    document.body.dataset.screen = name;
    window.scrollTo(0, 0);
    document.querySelector("#screen-" + name + " h1").focus({ preventScroll: true });
  }

  function reveal(parts, wanted) {
    document.querySelectorAll(parts).forEach(part => { part.hidden = !wanted; });
  }

  function copy(name) {
    return id(name).content.firstElementChild.cloneNode(true);
  }

  function time(element, written) {
    const date = new Date(written);
    const form = { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" };
    element.dateTime = written;
    try {
      element.textContent = date.toLocaleString(document.documentElement.lang || undefined, form);
    } catch (_) { // a language tag that is none
      element.textContent = date.toLocaleString(undefined, form);
    }
  }

  function id(name) {
    return document.getElementById(name);
  }
})();
