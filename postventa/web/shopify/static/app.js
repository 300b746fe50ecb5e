"use strict";
// Asks how things stand, with a session token of App Bridge, and shows it. All words come with the answer; they are only ever text.

(() => {
  const root = document.getElementById("app");
  const PATIENCE = 70000; // milliseconds: Shopify may be slow to answer the service

  function make(kind, text, parent, name) {
    const made = document.createElement(kind);
    if (text) made.textContent = text;
    if (name) made.className = name;
    if (parent) parent.append(made);
    return made;
  }

  function link(parent, words, target, name) {
    const url = new URL(words.href, location.href);
    if (url.protocol !== "https:" && url.origin !== location.origin) return;
    const made = make("a", words.label, parent, name);
    made.href = url.href;
    made.target = target;
    made.rel = "noopener";
  }

  function clear() {
    for (const shown of [...root.children]) if (shown.id !== "wait") shown.remove();
  }

  function trouble(said) {
    clear();
    const notice = make("div", "", root, "notice");
    notice.setAttribute("role", "alert");
    make("h2", said.title, notice);
    make("p", said.text, notice);
    make("button", said.again, root).addEventListener("click", ask);
  }

  function connected(said) {
    clear();
    make("h1", said.title, root);
    make("p", said.shop, root, "hint");
    make("p", said.text, root, "lead");
    for (const one of said.notices) {
      const notice = make("div", "", root, "notice");
      make("h2", one.title, notice);
      make("p", one.text, notice);
      if (one.button) link(make("p", "", notice), one.button, "_top", "button");
    }
    for (const fact of said.facts) {
      const card = make("section", "", root, "card");
      make("h2", fact.title, card);
      for (const line of fact.lines) make("p", line, card);
    }
    if (said.mails) mails(said.mails);
    link(make("p", "", root), said.service, "_blank", "away");
  }

  function mails(said) {
    const card = make("section", "", root, "card");
    make("h2", said.title, card);
    make("p", said.text, card);
    const list = make("ul", "", card, "mails");
    for (const mail of said.list) {
      const item = make("li", "", list);
      make("strong", mail.name, item);
      make("span", mail.where, item);
    }
    for (const left of said.left) make("p", left, card, "hint");
  }

  async function ask() {
    const wait = document.getElementById("wait");
    clear();
    wait.hidden = false;
    const ended = new AbortController();
    const timer = setTimeout(() => ended.abort(), PATIENCE);
    try {
      const said = await answer(ended.signal);
      (said.state === "connected" ? connected : trouble)(said);
    } catch (error) {
      console.warn(error);
      trouble(root.dataset);
    } finally {
      clearTimeout(timer);
      wait.hidden = true;
    }
  }

  async function answer(signal) {
    const late = new Promise((_, fail) => signal.addEventListener("abort", () => fail(new Error("no session token"))));
    const token = await Promise.race([window.shopify.idToken(), late]);
    const headers = { Authorization: `Bearer ${token}`, Accept: "application/json" };
    const got = await fetch(root.dataset.ask, { method: "POST", headers, signal, credentials: "omit", cache: "no-store" });
    return await got.json();
  }

  ask();
})();
