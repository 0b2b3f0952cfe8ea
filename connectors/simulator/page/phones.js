/** Shows the phones as the simulator describes them, and asks it for what the customer does. */

import { language, words } from "./words.js";

const NAMES = { sms: "SMS", messenger: "Messenger", telegram: "Telegram", viber: "Viber", whatsapp: "WhatsApp" };
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const main = document.querySelector(".phones");
const tabs = document.querySelector(".tabs");
/** @type {Map<string, Phone>} */
const phones = new Map();

function say(root) {
  for (const element of root.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word];
}

class Phone {
  constructor(state) {
    this.id = state.id;
    this.kind = state.kind;
    this.bubbles = new Map();
    this.shown = false;
    const root = document.getElementById("phone").content.firstElementChild.cloneNode(true);
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    root.id = `phone-${this.id}`;
    root.dataset.kind = this.kind;
    say(root);
    this.describe(state);
    this.tab = this.makeTab();
    this.listen();
    main.append(root);
    tabs.append(this.tab);
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
    this.find(".start").hidden = this.kind === "sms";
    for (const [selector, word] of Object.entries({
      ".text": "message",
      ".picker": "attach",
      ".sample": "sample",
      ".send": "send",
      ".ref": "ref",
    })) {
      this.find(selector).setAttribute("aria-label", words[word]);
      this.find(selector).title = words[word];
    }
    this.find(".text").placeholder = words.message;
    this.find(".picker").closest("label").title = words.attach;
  }

  makeTab() {
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
      const field = this.find(".text");
      if (field.value.trim()) this.ask("write", { text: field.value });
      field.value = "";
    });
    this.find(".picker").addEventListener("change", (event) => {
      for (const file of event.target.files) this.sendPicture(file, file.name);
      event.target.value = "";
    });
    this.find(".sample").addEventListener("click", async () => {
      const picture = await (await fetch("/phones/sample.jpg")).blob();
      this.sendPicture(picture, "sample.jpg");
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

  async ask(what, body) {
    await fetch(`/phones/${this.id}/${what}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  }

  async sendPicture(picture, name) {
    const headers = { "Content-Type": picture.type, "X-File-Name": encodeURIComponent(name) };
    const answer = await fetch(`/phones/${this.id}/picture`, { method: "POST", headers, body: picture });
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
    for (const part of this.root.querySelectorAll(".composer input, .composer button, .burst, .start *, .choices *")) {
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
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
    const wanted = new Set();
    let news = false;
    for (const entry of thread) {
      // A message lies on the phone only once it was delivered.
      if (!entry.outgoing && entry.state === "sent") continue;
      const key = `${entry.outgoing}${entry.id}`;
      wanted.add(key);
      if (!this.bubbles.has(key)) {
        const bubble = this.makeBubble(entry);
        this.bubbles.set(key, bubble);
        list.append(bubble);
        news ||= !entry.outgoing;
      }
      this.showChoices(this.bubbles.get(key), entry);
    }
    for (const [key, bubble] of this.bubbles) {
      if (!wanted.has(key)) {
        bubble.remove();
        this.bubbles.delete(key);
      }
    }
    if (atEnd) list.scrollTop = list.scrollHeight;
    if (news && this.shown && this.tab.ariaSelected !== "true") this.tab.classList.add("news");
  }

  makeBubble(entry) {
    const bubble = document.getElementById("bubble").content.firstElementChild.cloneNode(true);
    const body = bubble.querySelector(".body");
    bubble.classList.add(entry.outgoing ? "mine" : "theirs");
    body.dir = "auto";
    if (entry.quote) {
      const quote = { className: "quote", textContent: entry.quote };
      body.append(Object.assign(document.createElement("blockquote"), quote));
    }
    if (entry.attachment) body.append(this.makeAttachment(entry.attachment));
    if (entry.text) body.append(Object.assign(document.createElement("p"), { textContent: entry.text }));
    const time = bubble.querySelector("time");
    time.dateTime = new Date(entry.at).toISOString();
    time.textContent = clock.format(entry.at);
    return bubble;
  }

  /** The answers that can be pressed now; untouched while they stay the same, so that the focus stays too. */
  showChoices(bubble, entry) {
    const said = JSON.stringify(entry.buttons);
    if ((bubble.dataset.choices ?? "[]") === said) return;
    bubble.dataset.choices = said;
    bubble.querySelector(".choices")?.remove();
    if (entry.buttons.length === 0) return;
    const group = document.createElement("div");
    group.className = "choices";
    group.role = "group";
    group.setAttribute("aria-label", words.choices);
    for (const title of entry.buttons) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: title });
      button.addEventListener("click", () => this.ask("press", { message: entry.id, title }));
      group.append(button);
    }
    bubble.append(group);
  }

  makeAttachment(attachment) {
    if (attachment.kind === "image" && attachment.url) {
      const image = document.createElement("img");
      image.alt = attachment.name;
      image.addEventListener("load", () => {
        const list = this.find(".thread");
        if (list.scrollHeight - list.scrollTop - list.clientHeight < image.height + 120) {
          list.scrollTop = list.scrollHeight;
        }
      });
      image.src = attachment.url;
      return image;
    }
    if (!attachment.url) return Object.assign(document.createElement("p"), { textContent: words.missing });
    const file = document.createElement("a");
    file.className = "file";
    file.href = attachment.url;
    file.download = attachment.name;
    const kind = { className: "file-kind", textContent: words.kinds[attachment.kind] };
    file.append(Object.assign(document.createElement("span"), kind), ` ${attachment.name}`);
    return file;
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

function select(id) {
  for (const phone of phones.values()) {
    const chosen = phone.id === id;
    phone.tab.ariaSelected = String(chosen);
    phone.tab.tabIndex = chosen ? 0 : -1;
    phone.root.classList.toggle("chosen", chosen);
    if (!chosen) continue;
    phone.tab.classList.remove("news");
    const list = phone.find(".thread");
    list.scrollTop = list.scrollHeight;
  }
}

tabs.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const all = [...phones.values()];
  const at = all.findIndex((phone) => phone.tab.ariaSelected === "true");
  const next = all[(at + step + all.length) % all.length];
  select(next.id);
  next.tab.focus();
});

function setConnection(live) {
  document.querySelector(".connection").dataset.live = live;
  document.querySelector(".connection-text").textContent = live ? words.live : words.lost;
}

let wait = 500;

function connect() {
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/phones/live/socket`);
  socket.addEventListener("open", () => {
    wait = 500;
    setConnection(true);
  });
  socket.addEventListener("message", (event) => {
    for (const state of JSON.parse(event.data).phones) {
      if (!phones.has(state.id)) {
        phones.set(state.id, new Phone(state));
        if (phones.size === 1) select(state.id);
        else phones.get(state.id).tab.tabIndex = -1;
      }
      phones.get(state.id).show(state);
    }
    document.querySelector(".none").hidden = phones.size > 0;
  });
  socket.addEventListener("close", () => {
    setConnection(false);
    setTimeout(connect, wait);
    wait = Math.min(wait * 2, 8000);
  });
}

document.documentElement.lang = language;
document.title = words.title;
tabs.setAttribute("aria-label", words.tabs);
say(document);
connect();
