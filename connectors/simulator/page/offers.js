/** What a phone has to offer: what can be sent from it, and what can be done with a message. */

import { words } from "./words.js";

const EMOJI = ["👍", "❤️", "😂", "😮", "😢"];

/** What can be sent, each where the channel has it. */
const ATTACHMENTS = [
  { can: "picture", icon: "picture", label: "picture", run: (phone) => phone.sendSample("image", "sample.jpg") },
  { can: "voice", icon: "voice", label: "voice", run: (phone) => phone.sendSample("voice", "voice.ogg") },
  { can: "video", icon: "video", label: "video", run: (phone) => phone.sendSample("video", "clip.mp4") },
  { can: "file", icon: "file", label: "pdf", run: (phone) => phone.sendSample("file", "order.pdf") },
  { can: "sticker", icon: "sticker", label: "sticker", run: (phone) => phone.sendSample("sticker", "sticker.webp") },
  { can: "location", icon: "location", label: "location", run: (phone) => phone.ask("place", {}) },
  { can: "own_contact", icon: "contact", label: "ownCard", run: (phone) => phone.ask("card", { own: true }) },
  { can: "contact", icon: "contact", label: "otherCard", run: (phone) => phone.ask("card", { own: false }) },
];

/** As what a chosen file goes: as its own kind where the channel has it. */
export function kindOf({ type }, can) {
  const [family] = type.split("/");
  if (family === "image" && can.has("picture")) return "image";
  if (family === "video" && can.has("video")) return "video";
  return family === "audio" ? "audio" : "file";
}

/** The items of the menu of what can be sent; none where there are only texts. */
export function sendable(phone) {
  const offered = ATTACHMENTS.filter(({ can }) => phone.can.has(can));
  const items = offered.map(({ label, icon, run }) => ({ label: words[label], icon, run: () => run(phone) }));
  return items.length === 0 ? [] : [...items, { label: words.fromFile, icon: "clip", run: () => phone.pick(null) }];
}

/** What can be done with a message; nothing with one that is gone. */
export function deeds(phone, entry) {
  const ask = (what, more) => () => phone.ask(what, { message: entry.id, ...more });
  const items = [];
  if (phone.can.has("react") && !entry.outgoing) {
    for (const emoji of EMOJI) {
      const pressed = emoji === entry.reaction;
      const label = `${pressed ? words.takeBack : words.react} ${emoji}`;
      items.push({ emoji, label, pressed, run: ask("react", { emoji: pressed ? "" : emoji }) });
    }
  }
  if (phone.can.has("reply")) items.push({ label: words.reply, run: () => phone.turnTo({ deed: "reply", entry }) });
  if (phone.can.has("edit") && entry.outgoing && entry.text) {
    items.push({ label: words.edit, run: () => phone.turnTo({ deed: "edit", entry }) });
  }
  if (phone.can.has("replace") && entry.outgoing) {
    if (entry.attachment?.url) items.push({ label: words.replace, run: () => phone.pick(entry) });
    if (entry.attachment?.place) items.push({ label: words.move, run: ask("move") });
  }
  if (phone.can.has("delete") && entry.outgoing) items.push({ label: words.delete, run: ask("delete") });
  return entry.deleted ? [] : items;
}
