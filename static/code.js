/* The page for codes: an authenticator app is set up here, or asked. Words live in the page; this
   file chooses which of them show. Nothing is sent before a real tap: previews and mail scanners run
   scripts. The secret and the codes are in this page's memory and nowhere else. */
(function () {
  "use strict";

  // One without the others is none: the page then says what it says without scripts.
  if (typeof Ceremony === "undefined" || typeof Device === "undefined") return;
  document.documentElement.classList.add("js");

  const RETRIES_MS = [1500, 4000]; // pauses before an unanswered code goes out again

  /* Where a problem's `code` leads on this page only. */
  const SCREEN_OF_CODE = {
    wrong_ceremony: "none",
    conflict: "none",
    call_code_required: "call"
  };

  const SCREEN_OF_FIELD = { "call-code": "call", "app-code": "type", "recovery-code": "recovery" };
  const { post, digits, id, show, phase, announce } = Ceremony;

  let data; // what the page says of itself
  let steps; // the screens before anything is sent, in order
  let at = 0; // the step the customer has come to
  let answer; // who called whom, as the customer says
  let callCode; // the digits that the agent read out
  let challenge; // the token that goes with the next code
  let field; // the one that was answered from last
  let busy = false; // between a tap and what comes of it
  let run = 0; // the newest request's number: what an older one still brings is dropped
  let again = begin; // what "Try again" does

  document.addEventListener("DOMContentLoaded", () => {
    data = document.body.dataset;
    steps = Ceremony.prepare();
    Device.describe(data); // and shows what answers taps
    document.addEventListener("click", onClick);
    document.addEventListener("keydown", event => {
      if (event.isTrusted && event.key === "Enter" && SCREEN_OF_FIELD[event.target.id]) check(event.target);
    });
  });

  /* ---- Taps ---- */

  const ACTIONS = {
    begin: () => { if (!busy) begin(); },
    next: () => { show(steps[++at]); },
    answer: button => { hearAnswer(button.dataset.answer); },
    check: button => { check(id(button.dataset.field)); },
    again: () => { if (!busy) again(); },
    back: () => { show(Ceremony.below()); },
    show: button => { show(button.dataset.to); },
    lost: sayLost,
    decline: button => { decline(button.dataset.reason); },
    copy: copy,
    print: () => { window.print(); }
  };

  function onClick(event) {
    const button = Ceremony.tapped(event);
    if (button) ACTIONS[button.dataset.do](button);
  }

  /* Whoever is called by a stranger must not go on: that answer goes to the server at once, to the
     ceremony that every link has. */
  function hearAnswer(said) {
    answer = said;
    if (said === data.call) return show(steps[++at]);
    again = () => { hearAnswer(said); };
    tell(data.kind + "/options", { call_answer: said }, () => { show("not-me"); }, error => {
      if (error.problem !== "link_declined") return explain(error);
      show("hang-up");
    });
  }

  function sayLost() {
    again = sayLost;
    tell("new-phone", {}, () => { show("told"); }, explain);
  }

  function decline(reason) {
    again = () => { decline(reason); };
    tell("decline", { reason }, () => { show("declined"); }, explain);
  }

  function begin() {
    again = begin;
    ask(arrive);
  }

  /* Asks whether an app is to be set up or its code typed, and for the token that goes with it. */
  function ask(done) {
    const mine = start();
    const wish = { token: data.token, call_code: callCode, call_answer: answer };
    post("totp/options", JSON.stringify(wish)).then(options => {
      if (mine !== run) return;
      if (!options.challenge_token) throw { problem: "unknown", status: 502 };
      stop();
      challenge = options.challenge_token;
      settle(options);
      done(options);
    }).catch(error => {
      if (mine !== run) return;
      stop();
      explain(error);
    });
  }

  function arrive(options) {
    show(options.kind === "register" ? "add" : "type");
  }

  /* An app that is to be set up gets its secret, the same however often it is asked for. */
  function settle(options) {
    const isNew = options.kind === "register";
    document.querySelectorAll(".when-new").forEach(part => { part.hidden = !isNew; });
    document.querySelectorAll(".when-known").forEach(part => { part.hidden = isNew; });
    if (!isNew) return;
    const image = "data:image/svg+xml," + encodeURIComponent(options.qr);
    document.querySelectorAll(".qr img").forEach(qr => { qr.src = image; });
    id("key").textContent = options.secret.replace(/[^A-Z2-7]/g, "").replace(/.{4}(?=.)/g, "$& ");
    if (/^otpauth:\/\/totp\//.test(options.uri)) id("open-app").href = options.uri;
  }

  /* ---- Codes ---- */

  function check(from) {
    if (busy) return;
    const code = from.id === "recovery-code" ? recoveryCode(from.value) : digits(from.value);
    if (!code) return complain(from, "short");
    forgive(from);
    if (from.id === "call-code") {
      callCode = code;
      return begin();
    }
    field = from;
    send(code, bodyOf(code), 0, true);
  }

  function bodyOf(code) {
    return JSON.stringify({ challenge_token: challenge, code: code });
  }

  /* The same bytes however often they go out: the server answers a repeat as it did the first.
     `fresh`: a token that is too old is replaced once, without a word. */
  function send(code, body, retries, fresh) {
    const mine = start(retries > 0);
    again = () => {
      show(SCREEN_OF_FIELD[field.id]);
      send(code, body, 0, fresh);
    };
    post("totp/verify", body).then(reply => {
      if (reply.verified !== true) throw { problem: "unknown", status: 502 };
      succeed(reply);
    }).catch(error => {
      if (mine !== run) return;
      const foreign = error.problem === "unknown" && error.status !== 429; // a proxy's or a portal's
      const unanswered = foreign || error.problem === "network" || error.status >= 500;
      if (unanswered && retries < RETRIES_MS.length) {
        return setTimeout(() => {
          if (mine === run) send(code, body, retries + 1, fresh);
        }, RETRIES_MS[retries]);
      }
      stop();
      if (unanswered) return show("lost");
      const stale = error.problem === "challenge_expired" || error.problem === "challenge_used";
      if (stale && fresh) return ask(() => { send(code, bodyOf(code), 0, false); });
      if (error.problem === "validation") return complain(field, "wrong");
      again = begin;
      if (error.status === 429) again = () => { show(SCREEN_OF_FIELD[field.id]); };
      if (error.problem === "not_confirmed") return ask(() => { complain(field, "wrong"); });
      explain(error);
    });
  }

  /* Ten letters and digits, as they were shown; null if they are not ten. */
  function recoveryCode(typed) {
    const plain = typed.toUpperCase().replace(/[^A-Z0-9]/g, "");
    return plain.length === 10 ? plain.slice(0, 5) + "-" + plain.slice(5) : null;
  }

  function complain(from, what) {
    show(SCREEN_OF_FIELD[from.id]);
    phase(id(from.id + "-error"), what);
    from.setAttribute("aria-invalid", "true");
    from.focus();
    from.select();
  }

  /* What is said again is heard again. */
  function forgive(from) {
    phase(id(from.id + "-error"), "");
    from.removeAttribute("aria-invalid");
  }

  function succeed(reply) {
    stop();
    Ceremony.succeed(reply);
    phase(id("done"), field.id);
    const codes = reply.recovery_codes || [];
    id("codes").textContent = "";
    codes.forEach(code => {
      const line = document.createElement("li");
      line.textContent = code;
      id("codes").appendChild(line);
    });
    show(codes.length > 0 ? "keep" : "success");
  }

  async function copy(button) {
    const shown = id(button.dataset.of);
    try {
      await navigator.clipboard.writeText(shown.innerText.replace(/ /g, ""));
    } catch (_) {
      window.getSelection().selectAllChildren(shown); // whatever follows, it can be copied by hand
      if (!document.execCommand("copy")) return;
    }
    phase(button, "done");
    announce(button);
  }

  /* ---- Requests, and what went wrong ---- */

  /* One request about the link, with "Checking" meanwhile. */
  function tell(path, more, done, failed) {
    busy = true;
    const mine = ++run;
    Ceremony.tell(path, more).then(
      () => { if (mine === run) { stop(); done(); } },
      error => { if (mine === run) { stop(); failed(error); } }
    );
  }

  function explain(error) {
    if (error.problem === "call_code_wrong" && id("call-code")) return complain(id("call-code"), String(error.left));
    Ceremony.explain(error, SCREEN_OF_CODE);
  }

  /* What shows while the server is asked: the screen's main button says so, or else a screen of its
     own. Gives the request's number. */
  function start(slow) {
    const button = document.querySelector("#screen-" + data.screen + " [data-field]");
    busy = true;
    if (!button) {
      show("checking");
      return ++run;
    }
    button.disabled = true;
    phase(button, slow ? "slow" : "waiting");
    announce(button);
    return ++run;
  }

  function stop() {
    busy = false;
    document.querySelectorAll("[data-field]").forEach(button => {
      button.disabled = false;
      phase(button, "ready");
    });
  }
})();
