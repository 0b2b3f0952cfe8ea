/** Messages as a phone shows them. */

import { language, words } from "./words.js";

// As the console tells the time: in English without AM and PM.
const clock = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { hour: "2-digit", minute: "2-digit" });
const TICKS = { delivered: "✓", read: "✓✓" };

export function makeBubble(entry) {
  const bubble = document.getElementById("bubble").content.firstElementChild.cloneNode(true);
  bubble.classList.add(entry.outgoing ? "mine" : "theirs");
  bubble.querySelector(".body").dir = "auto";
  bubble.querySelector(".more").setAttribute("aria-label", words.more);
  bubble.querySelector(".more").title = words.more;
  return bubble;
}

/** Draws what changed since the last time; the buttons keep the focus while they stay. */
export function showBubble(bubble, entry) {
  const { buttons, links, ...said } = entry;
  const now = JSON.stringify(said);
  if (bubble.dataset.said === now) return;
  bubble.dataset.said = now;
  const body = bubble.querySelector(".body");
  const content = entry.deleted ? [element("p", { className: "gone", textContent: words.deleted })] : contentOf(entry);
  body.replaceChildren(...content, makeTime(entry));
  if (entry.reaction) body.append(makeReaction(entry.reaction, words.reaction, ""));
  if (entry.ownReaction) body.append(makeReaction(entry.ownReaction, words.ownReaction, "by-business"));
}

function makeReaction(emoji, label, extra) {
  const mark = element("span", { className: `reaction ${extra}`, textContent: emoji });
  mark.setAttribute("aria-label", `${label} ${emoji}`);
  mark.setAttribute("role", "img");
  return mark;
}

function contentOf(entry) {
  const content = [];
  if (entry.quote) content.push(element("blockquote", { className: "quote", textContent: entry.quote }));
  if (entry.attachment) content.push(makeAttachment(entry.attachment));
  if (entry.text) content.push(element("p", { textContent: entry.text }));
  return content;
}

/** When, whether it was changed, and how far the business knows that its message got. */
function makeTime(entry) {
  const time = element("time", { dateTime: new Date(entry.at).toISOString() });
  time.textContent = `${entry.edited && !entry.deleted ? `${words.edited} ` : ""}${clock.format(entry.at)}`;
  if (entry.told) {
    const ticks = element("span", { className: "told", textContent: TICKS[entry.told], title: words.told[entry.told] });
    ticks.setAttribute("role", "img");
    ticks.setAttribute("aria-label", words.told[entry.told]);
    time.append(" ", ticks);
  }
  return time;
}

function makeAttachment(attachment) {
  if (attachment.place) return makePlace(attachment);
  if (attachment.phone) return card("contact", attachment.name, attachment.phone);
  if (!attachment.url) return element("p", { textContent: words.missing });
  switch (attachment.kind) {
    case "image":
    case "sticker":
      return makePicture(attachment);
    case "voice":
    case "audio":
      return makePlayer("audio", attachment);
    case "video":
      return makePlayer("video", attachment);
    default:
      return makeFile(attachment);
  }
}

function makePicture({ kind, name, url }) {
  const image = element("img", { alt: name, className: kind });
  image.src = url;
  return image;
}

/** What this browser can't play is a file like others. */
function makePlayer(tag, attachment) {
  const player = element(tag, { controls: true, preload: "metadata" });
  player.setAttribute("aria-label", `${words.kinds[attachment.kind]} ${attachment.name}`);
  player.addEventListener("error", () => player.replaceWith(makeFile(attachment)));
  player.src = attachment.url;
  return player;
}

function makeFile({ kind, name, url }) {
  const file = element("a", { className: "file", href: url, download: name });
  file.append(element("span", { className: "file-kind", textContent: words.kinds[kind] }), ` ${name}`);
  return file;
}

function makePlace({ name, place }) {
  const { latitude, longitude, address } = place;
  return card("location", name, address || `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`);
}

function card(icon, name, more) {
  const whole = element("div", { className: "card" });
  whole.innerHTML = `<svg aria-hidden="true"><use href="#i-${icon}"/></svg>`;
  const text = element("span", {});
  text.append(element("strong", { textContent: name }), element("span", { textContent: more }));
  whole.append(text);
  return whole;
}

/** The answers and links that can be pressed now; untouched while they stay the same, so that the focus stays too. */
export function showChoices(bubble, entry, press) {
  const said = JSON.stringify([entry.buttons, entry.links]);
  if ((bubble.dataset.choices ?? "[[],[]]") === said) return;
  bubble.dataset.choices = said;
  bubble.querySelector(".choices")?.remove();
  if (entry.buttons.length + entry.links.length === 0) return;
  const group = element("div", { className: "choices" });
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", entry.buttons.length > 0 ? words.choices : words.links);
  for (const title of entry.buttons) {
    const button = element("button", { type: "button", textContent: title });
    button.addEventListener("click", () => press(title));
    group.append(button);
  }
  for (const { title, url } of entry.links) {
    // The provider may be told too (Viber), so the link is pressed as well as followed; "disabled" is the phone's own mark.
    const link = element("a", { href: url, target: "_blank", rel: "noopener noreferrer", textContent: title, title: url });
    link.addEventListener("click", () => link.disabled || press(title));
    group.append(link);
  }
  bubble.append(group);
}

function element(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}
