/** Shows the phones as the simulator describes them, and asks it for what the customer does. */

import { Phone, say } from "./phone.js";
import { language, words } from "./words.js";

const main = document.querySelector(".phones");
const tabs = document.querySelector(".tabs");
/** @type {Map<string, Phone>} */
const phones = new Map();

function add(phone) {
  main.append(phone.root);
  tabs.append(phone.tab);
  return phone;
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
        phones.set(state.id, add(new Phone(state, select)));
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
