/** One menu for the whole page, opened at the button that was pressed, which has the focus again when it closes: emoji in a
 * row, the rest below one another. */

const menu = document.querySelector(".menu");
const GAP = 6;

/** @param {{label: string, icon?: string, emoji?: string, pressed?: boolean, run: () => void}[]} items */
export function openMenu(button, title, items) {
  menu.replaceChildren(...group(items, (item) => item.emoji, "emoji"), ...group(items, (item) => !item.emoji, "deeds"));
  menu.setAttribute("role", "dialog");
  menu.setAttribute("aria-label", title);
  menu.showPopover();
  place(button);
  menu.querySelector("button").focus();
}

function group(items, belongs, className) {
  const row = Object.assign(document.createElement("div"), { className });
  row.append(...items.filter(belongs).map(makeItem));
  return row.childElementCount > 0 ? [row] : [];
}

function makeItem({ label, icon, emoji, pressed, run }) {
  const item = Object.assign(document.createElement("button"), { type: "button" });
  if (emoji) {
    item.textContent = emoji;
    item.setAttribute("aria-label", label);
    item.title = label;
    item.setAttribute("aria-pressed", String(Boolean(pressed)));
  } else {
    if (icon) item.innerHTML = `<svg aria-hidden="true"><use href="#i-${icon}"/></svg>`;
    item.append(label);
  }
  item.addEventListener("click", () => {
    menu.hidePopover();
    run();
  });
  return item;
}

/** Above the button where there is room, else below it; never beyond the edge of the window. */
function place(button) {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const top = at.top - height - GAP > 0 ? at.top - height - GAP : at.bottom + GAP;
  menu.style.top = `${Math.max(GAP, Math.min(top, innerHeight - height - GAP))}px`;
  menu.style.left = `${Math.max(GAP, Math.min(at.left, innerWidth - width - GAP))}px`;
}

menu.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  const all = [...menu.querySelectorAll("button")];
  if (!step) return;
  event.preventDefault();
  all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
});
