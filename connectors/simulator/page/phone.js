/** One phone: its thread, its composer, its switches. */

import { makeBubble, showBubble, showChoices } from "./bubbles.js";
import { openMenu } from "./menu.js";
import { deeds, kindOf, sendable } from "./offers.js";
import { words } from "./words.js";

const NAMES = { sms: "SMS", messenger: "Messenger", telegram: "Telegram", viber: "Viber", whatsapp: "WhatsApp" };

export function say(root) {
  for (const element of root.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word];
}

export class Phone {
  constructor(state, select) {
    this.id = state.id;
    this.kind = state.kind;
    this.bubbles = new Map();
    this.can = new Set(state.can);
    /** What the composer is about: null, or {deed: "reply" | "edit", entry}. */
    this.about = null;
    this.shown = false;
    const root = document.getElementById("phone").content.firstElementChild.cloneNode(true);
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    root.id = `phone-${this.id}`;
    root.dataset.kind = this.kind;
    say(root);
    this.describe(state);
    this.tab = this.makeTab(select);
    this.listen();
    this.stickToEnd();
  }

  /** Who sees the end keeps seeing it, also when a picture or a film is only now as large as it is. */
  stickToEnd() {
    const list = this.find(".thread");
    let sticks = true;
    let top = 0;
    this.toEnd = () => {
      if (sticks) list.scrollTop = list.scrollHeight;
    };
    list.addEventListener("scroll", () => {
      const isNear = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
      // What grew meanwhile is no wish to leave the end: going up is.
      if (isNear || list.scrollTop < top) sticks = isNear;
      top = list.scrollTop;
    });
    this.grown = new ResizeObserver(this.toEnd);
    this.grown.observe(list);
  }

  /** Texts that never change. */
  describe(state) {
    const person = state.name || state.address.replace(/^(\+\d\d)(\d{3})(\d{3})(\d{3})$/, "$1 $2 $3 $4");
    const label = `${NAMES[this.kind]}: ${person}`;
    this.root.setAttribute("aria-label", label);
    this.find(".name").textContent = person;
    this.find(".kind").textContent = NAMES[this.kind];
    this.find(".reports").textContent = words.reports[this.kind];
    this.find(".block-word").textContent = this.kind === "sms" ? words.stop : words.block;
    this.find(".thread").setAttribute("aria-label", label);
    this.find(".thread").dataset.empty = words.empty;
    this.find(".start").hidden = !this.can.has("start");
    for (const [selector, word] of Object.entries({
      ".text": "message",
      ".picker": "fromFile",
      ".attach": "attach",
      ".about-end": "end",
      ".send": "send",
      ".ref": "ref",
    })) {
      this.find(selector).setAttribute("aria-label", words[word]);
      this.find(selector).title = words[word];
    }
    this.find(".text").placeholder = words.message;
    this.find(".attach").hidden = sendable(this).length === 0;
    this.find(".picker").accept = this.can.has("file") ? "" : "image/*";
  }

  makeTab(select) {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.role = "tab";
    tab.textContent = NAMES[this.kind];
    tab.dataset.kind = this.kind;
    tab.setAttribute("aria-controls", this.root.id);
    tab.addEventListener("click", () => select(this.id));
    return tab;
  }

  listen() {
    this.find(".composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.find(".composer").addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.about) this.turnTo(null);
    });
    this.find(".thread").addEventListener("keydown", (event) => this.walk(event));
    this.find(".about-end").addEventListener("click", () => this.turnTo(null));
    this.find(".attach").addEventListener("click", (event) => {
      openMenu(event.currentTarget, words.attach, sendable(this));
    });
    this.find(".picker").addEventListener("change", (event) => {
      for (const file of event.target.files) this.sendFile(kindOf(file, this.can), file, file.name);
      event.target.value = "";
      this.replaced = null;
    });
    this.find(".burst").addEventListener("click", () => this.ask("burst", { count: 20, text: words.burstText }));
    this.find(".start").addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask("start", { ref: this.find(".ref").value });
    });
    for (const box of this.root.querySelectorAll("[data-switch]")) {
      box.addEventListener("change", () => {
        const offline = box.dataset.switch === "offline";
        this.ask("switch", offline ? { online: !box.checked } : { [box.dataset.switch]: box.checked });
      });
    }
  }

  submit() {
    const field = this.find(".text");
    const text = field.value;
    if (!text.trim()) return;
    const { deed, entry } = this.about ?? {};
    field.value = "";
    if (deed === "edit") this.ask("edit", { message: entry.id, text });
    else this.ask("write", { text, replyTo: this.answered() });
    this.turnTo(null);
  }

  /** What the person writes next is about this message, or about none. */
  turnTo(about) {
    const field = this.find(".text");
    if (this.about?.deed === "edit" || about?.deed === "edit") field.value = about?.deed === "edit" ? about.entry.text : "";
    this.about = about;
    this.find(".about").hidden = about === null;
    if (about === null) return;
    const { entry } = about;
    const of = entry.text || entry.attachment?.name || "";
    this.find(".about-text").textContent = `${words[about.deed === "edit" ? "editing" : "answering"]}: ${of}`;
    field.focus();
  }

  answered() {
    return this.about?.deed === "reply" ? this.about.entry.id : null;
  }

  /** Choose a file to send, or to put in the place of a message's. */
  pick(replaced) {
    this.replaced = replaced;
    this.find(".picker").click();
  }

  async ask(what, body) {
    await fetch(`/phones/${this.id}/${what}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  }

  async sendSample(kind, name) {
    this.sendFile(kind, await (await fetch(`/phones/${name}`)).blob(), name);
  }

  async sendFile(kind, file, name) {
    const query = new URLSearchParams({ kind });
    if (this.answered()) query.set("replyTo", this.answered());
    this.turnTo(null);
    const headers = { "Content-Type": file.type || "application/octet-stream", "X-File-Name": encodeURIComponent(name) };
    if (this.replaced) query.set("message", this.replaced.id);
    const action = this.replaced ? "replace" : "file";
    const answer = await fetch(`/phones/${this.id}/${action}?${query}`, { method: "POST", headers, body: file });
    if (!answer.ok) this.notice(words.tooBig);
  }

  show(state) {
    const usable = state.online && (!state.blocked || this.kind === "sms");
    this.root.classList.toggle("offline", !state.online);
    this.find(".status").textContent = state.online ? NAMES[this.kind] : words.away;
    this.find("[data-switch=reading]").checked = state.reading;
    this.find("[data-switch=offline]").checked = !state.online;
    this.find("[data-switch=blocked]").checked = state.blocked;
    this.notice(state.blocked ? words[this.kind === "sms" ? "stopBanner" : "blockedBanner"] : "");
    this.showThread(state.thread);
    for (const part of this.root.querySelectorAll(".composer input, .composer button, .burst, .start *, .choices *, .more")) {
      part.disabled = !usable;
    }
    this.showWire(state.webhook);
    this.shown = true;
  }

  notice(text) {
    this.find(".banner").textContent = text;
    this.find(".banner").hidden = !text;
  }

  /** Adds what is new and drops what is no longer there; what stays is not touched. */
  showThread(thread) {
    const list = this.find(".thread");
    const wanted = new Set();
    let news = false;
    for (const entry of thread) {
      // A message lies on the phone only once it was delivered.
      if (!entry.outgoing && entry.state === "sent") continue;
      const key = `${entry.outgoing}${entry.id}`;
      wanted.add(key);
      if (!this.bubbles.has(key)) {
        const bubble = makeBubble(entry);
        this.listenTo(bubble);
        this.bubbles.set(key, bubble);
        list.append(bubble);
        this.grown.observe(bubble);
        news ||= !entry.outgoing;
      }
      const bubble = this.bubbles.get(key);
      bubble.entry = entry;
      showBubble(bubble, entry);
      showChoices(bubble, entry, (title) => this.ask("press", { message: entry.id, title }));
      bubble.querySelector(".more").hidden = deeds(this, entry).length === 0;
    }
    for (const [key, bubble] of this.bubbles) {
      if (!wanted.has(key)) {
        bubble.remove();
        this.grown.unobserve(bubble);
        this.bubbles.delete(key);
      }
    }
    this.keepOneStop();
    this.toEnd();
    if (news && this.shown && this.tab.ariaSelected !== "true") this.tab.classList.add("news");
  }

  /** All messages together are one stop of the Tab key: the newest, or the one that has the focus. */
  keepOneStop() {
    const all = this.stops();
    const chosen = all.includes(document.activeElement) ? document.activeElement : all.at(-1);
    for (const button of all) button.tabIndex = button === chosen ? 0 : -1;
  }

  stops() {
    return [...this.root.querySelectorAll(".more:not([hidden])")];
  }

  walk(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const all = this.stops();
    const at = all.indexOf(event.target);
    if (!step || at < 0) return;
    event.preventDefault();
    all[at + step]?.focus();
    this.keepOneStop();
  }

  listenTo(bubble) {
    bubble.querySelector(".more").addEventListener("click", (event) => {
      openMenu(event.currentTarget, words.more, deeds(this, bubble.entry));
    });
  }

  showWire(webhook) {
    const code = this.find(".code");
    this.find(".wire-none").hidden = Boolean(webhook);
    code.hidden = !webhook;
    if (!webhook) return;
    code.textContent = webhook.status ?? words.noAnswer;
    code.dataset.good = webhook.status !== null && webhook.status < 300;
    const again = webhook.attempt > 1 ? ` (${words.attempt} ${webhook.attempt})` : "";
    const call = `${webhook.method} ${webhook.path}`;
    this.find(".call").textContent = call;
    this.find(".time").textContent = `${Math.round(webhook.ms)} ms${again}`;
    this.find(".wire").title = `${words.strip}: ${webhook.event}, ${call}`;
  }
}
