/* The customer's ceremony. Words live in the page; this file chooses which of them show. Nothing
   is sent and the device asks nothing before a real tap: previews and mail scanners run scripts. */
(function () {
  "use strict";

  // One without the others is none: the page then says what it says without scripts.
  if (typeof Ceremony === "undefined" || typeof Device === "undefined") return;
  document.documentElement.classList.add("js");

  const QUICK_MS = 1000; // refused faster than a person can: the browser or the passkey is missing
  const SLOW_MS = 30000; // refused later than this: the device gave up waiting
  const RETRIES_MS = [1500, 4000]; // pauses before an unanswered verify goes out again

  /* Where a problem's `code` leads on this page only. */
  const SCREEN_OF_CODE = {
    not_confirmed: "not-confirmed",
    wrong_ceremony: "new-link",
    conflict: "new-link",
    call_code_required: "code"
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

  const { post, decode, encode, digits, id, phase, announce } = Ceremony;

  let data; // what the page says of itself
  let kind; // "register" or "authenticate"
  let client; // "ios", "android" or "computer"
  let run = 0; // the newest ceremony's number: what an older one still brings is dropped
  let device = null; // aborts the device's dialog
  let signed = null; // the answer's body, from signing until the server has settled it
  let again = confirm; // what "Try again" does
  let steps; // the screens before the device asks, in order
  let at = 0; // the step the customer has come to
  let answer; // who called whom, as the customer says
  let waiting = false; // between a tap and what comes of it
  let watching = false; // whether another device's progress is asked for

  document.addEventListener("DOMContentLoaded", () => {
    data = document.body.dataset;
    kind = data.kind;
    steps = Ceremony.prepare();
    client = Device.describe(data); // and shows what answers taps
    Device.prepareEscapes();
    document.addEventListener("click", onClick);
    document.addEventListener("keydown", event => {
      if (event.isTrusted && event.key === "Enter" && event.target.id === "code") confirm();
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && data.screen === "lock") look();
    });
    window.addEventListener("pagehide", abortDevice);
    look();
  });

  /* ---- The first screen ---- */

  function look(button) {
    Device.probe().then(found => {
      const here = data.screen;
      if (waiting || (here !== steps[at] && here !== "lock")) return;
      // Who has turned the lock on and is still not seen to have one finds other ways.
      const noLock = found === "locked" && client === "android" && !data.app && !button;
      const onPhone = client === "computer" && document.querySelector(".qr");
      if (found === "ready") data.ready = "yes";
      data.probe = found;
      show(found === "ready" ? steps[at] : onPhone ? "phone" : noLock ? "lock" : "open");
    });
  }

  /* ---- Taps ---- */

  const ACTIONS = {
    confirm: () => { at + 1 < steps.length ? show(steps[at]) : confirm(); },
    next: next,
    answer: button => { hearAnswer(button.dataset.answer); },
    again: () => { again(); },
    look: look,
    back: () => { show(Ceremony.below()); },
    stay: () => { show(steps[at]); },
    show: button => { show(button.dataset.to); },
    "new-phone": newPhone,
    decline: button => { decline(button.dataset.reason); },
    copy: copy
  };

  function onClick(event) {
    const button = Ceremony.tapped(event);
    if (button) ACTIONS[button.dataset.do](button);
  }

  function next() {
    show(steps[++at]);
  }

  /* Whoever is called by a stranger must not go on: that answer goes to the server at once. */
  function hearAnswer(said) {
    answer = said;
    if (said === data.call) return next();
    again = () => { hearAnswer(said); };
    tell(kind + "/options", { call_answer: said }, () => { show("not-me"); }, error => {
      if (error.problem !== "link_declined") return explain(error);
      show("hang-up");
    });
  }

  function newPhone() {
    again = newPhone;
    tell("new-phone", {}, () => { show("new-phone"); }, explain);
  }

  function complainOfCode(what) {
    show("code");
    phase(id("code-error"), String(what));
    id("code").setAttribute("aria-invalid", "true");
    id("code").focus();
    id("code").select();
  }

  /* Tap, one request, then the device's dialog at once: older Safari allows no more in between. */
  function confirm() {
    if (waiting) return;
    const wish = { token: data.token, call_answer: answer };
    if (id("code")) {
      wish.call_code = digits(id("code").value);
      if (!wish.call_code) return complainOfCode("short");
    }
    const mine = ++run;
    let token;
    let began = null;
    again = confirm;
    signed = null;
    abortDevice();
    const asking = device = new AbortController();
    wait(true);
    post(kind + "/options", JSON.stringify(wish))
      .then(answer => {
        if (mine !== run) return null;
        token = answer.challenge_token;
        if (!token || !answer.publicKey) throw { problem: "unknown" };
        const request = { publicKey: decode(answer.publicKey), signal: asking.signal };
        began = performance.now();
        setTimeout(() => { if (mine === run && !signed) wait(false); }, SLOW_MS); // some never answer
        return kind === "register" ? navigator.credentials.create(request) : navigator.credentials.get(request);
      })
      .then(credential => {
        if (mine !== run) return;
        signed = JSON.stringify({ challenge_token: token, credential: encode(credential) });
        send(0);
      })
      .catch(error => {
        if (mine !== run) return;
        wait(false);
        if (error.problem) return explain(error);
        explainDevice(error, began === null ? null : performance.now() - began);
      });
  }

  /* The same bytes however often they go out: the server answers a repeat as it did the first. */
  function send(retries) {
    const mine = run;
    wait(false);
    waiting = true;
    again = () => { send(0); };
    if (retries === 0) show("checking", true);
    id("still-trying").hidden = retries === 0;
    if (retries) announce(id("still-trying"));
    post(kind + "/verify", signed).then(answer => {
      if (answer.verified !== true) throw { problem: "unknown", status: 502 };
      succeed(answer);
    }).catch(error => {
      if (mine !== run) return;
      const foreign = error.problem === "unknown" && error.status !== 429; // a proxy's or a portal's
      const unanswered = foreign || error.problem === "network" || error.status >= 500;
      if (unanswered && retries < RETRIES_MS.length) {
        return setTimeout(() => { send(retries + 1); }, RETRIES_MS[retries]);
      }
      waiting = false;
      if (unanswered) return show("lost");
      if (error.status !== 429) {
        signed = null;
        again = confirm;
      }
      explain(error);
    });
  }

  function succeed(answer) {
    waiting = false;
    signed = null;
    Ceremony.succeed(answer);
    show("success");
  }

  function decline(reason) {
    run++;
    abortDevice();
    again = () => { decline(reason); };
    tell("decline", { reason }, () => { show("declined"); }, explain);
  }

  /* One request about the link, with "Checking" meanwhile. */
  function tell(path, more, done, failed) {
    wait(false);
    waiting = true;
    Ceremony.tell(path, more).then(
      () => { waiting = false; done(); },
      error => { waiting = false; failed(error); }
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

  function explain(error) {
    if (error.problem === "call_code_wrong") return complainOfCode(error.left);
    Ceremony.explain(error, SCREEN_OF_CODE);
  }

  /* `ms`: how long the device took to refuse; null if it was never asked. */
  function explainDevice(error, ms) {
    let screen = SCREEN_OF_NAME[error.name] || "trouble";
    if (error.name === "NotAllowedError") {
      screen = ms >= SLOW_MS ? "timeout" : ms >= QUICK_MS ? "cancelled" :
        kind === "register" || data.app ? "open" : "no-passkey";
    } else if (error.name === "InvalidStateError" && kind !== "register") {
      screen = "trouble";
    }
    show(screen);
    report(screen, error.name, Math.round(ms || 0));
  }

  /* What went wrong on this kind of device, without a word about whose it is. */
  function report(screen, error, ms) {
    data.error = error + " " + ms;
    const told = { screen, error, ms, probe: data.probe, client };
    post("diagnostics", JSON.stringify(told), true).catch(() => {});
  }

  /* ---- While the customer goes on with their phone ---- */

  /* Asks how the link ended, less and less often, as long as the code for the phone shows. */
  function watch() {
    if (watching) return;
    watching = true;
    let pause = 2000;
    const look = () => {
      if (data.screen !== "phone") return watching = false;
      const later = () => { setTimeout(look, pause = Math.min(pause * 1.2, 20000)); };
      if (document.hidden) return later();
      post("status", JSON.stringify({ token: data.token })).then(answer => {
        const screen = answer.status === "verified" ? "phone-done" : answer.status;
        if (screen === "open" || data.screen !== "phone") return later();
        show(id("screen-" + screen) ? screen : "new-link");
      }).catch(error => {
        if (/^link_/.test(error.problem)) return explain(error);
        later();
      });
    };
    setTimeout(look, pause);
  }

  /* ---- The page ---- */

  function show(name, stay) {
    Ceremony.show(name, stay);
    if (name === "phone") watch();
  }

  /* The main button while the device asks. */
  function wait(on) {
    waiting = on;
    if (on) show(steps[steps.length - 1]);
    id("confirm").disabled = on;
    phase(id("confirm"), on ? "waiting" : "ready");
    if (on) announce(id("confirm"));
  }

  function abortDevice() {
    if (device) device.abort();
    device = null;
  }
})();
