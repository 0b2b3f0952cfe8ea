import { make } from "./dom";
import type { Texts } from "./texts";

export interface CallBack {
  phone: string;
  name: string;
  question: string;
  wording: string;
  website: string;
}

/** How it ended: taken, or why not. */
export type Outcome = "sent" | "number" | "later";

/** The form by which a visitor leaves a number; what it says about its use is what is kept as consent. */
export function callBackForm(texts: Texts, send: (asked: CallBack) => Promise<Outcome>): HTMLElement {
  const phone = make("input", {
    id: "phone",
    type: "tel",
    autocomplete: "tel",
    required: "",
    maxlength: "40",
    "aria-describedby": "outcome",
  });
  const name = make("input", { id: "name", autocomplete: "name", maxlength: "80" });
  const question = make("textarea", { id: "question", rows: "2", maxlength: "500" });
  // People don't see it; robots fill in whatever there is.
  const website = make("input", { name: "website", tabindex: "-1", autocomplete: "off" });
  const button = make("button", { class: "send", type: "submit" }, texts.callBackSend);
  const heading = make("h3", { id: "call-back" }, texts.callBack);
  const outcome = make("p", { id: "outcome", role: "status" });
  const form = make(
    "form",
    { "aria-labelledby": "call-back", novalidate: "" },
    heading,
    make("label", { for: "phone" }, texts.phone),
    phone,
    make("label", { for: "name" }, texts.name),
    name,
    make("label", { for: "question" }, texts.question),
    question,
    make("div", { class: "said", "aria-hidden": "true" }, website),
    make("p", {}, texts.callBackNote),
    button,
    outcome,
  );
  const ended: Record<Outcome, string> = { sent: texts.sent, number: texts.wrongNumber, later: texts.later };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    void send({
      phone: phone.value,
      name: name.value,
      question: question.value,
      wording: texts.callBackNote,
      website: website.value,
    }).then((found) => {
      outcome.textContent = ended[found];
      phone.setAttribute("aria-invalid", String(found === "number"));
      button.disabled = found === "sent";
      if (found === "number") phone.focus();
      // Nothing is left to fill in, and the thanks must not lie below the panel's edge.
      if (found === "sent") form.replaceChildren(heading, outcome);
      return found;
    });
  });
  return form;
}
