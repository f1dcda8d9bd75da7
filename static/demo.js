/* The demo's list of webhooks, kept current. */
(function () {
  "use strict";

  const PAUSE_MS = 1000;
  const list = document.getElementById("webhooks");
  const template = document.getElementById("webhook");
  let shown = null; // what the list was drawn from

  list.querySelectorAll("time").forEach(localTime);
  poll();

  function poll() {
    refresh().catch(() => stale(true)).then(() => setTimeout(poll, PAUSE_MS));
  }

  async function refresh() {
    if (document.hidden) return;
    const response = await fetch("/demo/webhooks", { cache: "no-store" });
    if (!response.ok) throw new Error("status " + response.status);
    const text = await response.text();
    stale(false);
    if (text === shown) return;
    const webhooks = JSON.parse(text).webhooks;
    list.replaceChildren(...webhooks.map(item));
    document.getElementById("empty").hidden = webhooks.length > 0;
    shown = text;
  }

  function item(webhook) {
    const node = template.content.cloneNode(true);
    const slot = name => node.querySelector("[data-slot=" + name + "]");
    slot("event").textContent = webhook.event;
    slot("good").hidden = !webhook.signature_valid;
    slot("bad").hidden = webhook.signature_valid;
    slot("body").textContent = webhook.body;
    slot("received").dateTime = webhook.received_at;
    localTime(slot("received"));
    return node;
  }

  function localTime(element) {
    element.textContent = new Date(element.dateTime).toLocaleTimeString();
  }

  function stale(yes) {
    document.getElementById("stale").hidden = !yes;
  }
})();
