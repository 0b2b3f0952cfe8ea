import { type CallBack, callBackForm, type Outcome } from "./call-back";
import { glyph, kindName, make } from "./dom";
import type { WidgetChannel } from "./server";
import { STYLES } from "./styles";
import type { Language, Texts } from "./texts";

export interface Look {
  language: Language;
  texts: Texts;
  color: string;
  side: string;
}

/** The button and its panel. */
export class Panel {
  readonly host = make("centrala-widget" as "div");
  private readonly root: HTMLElement;
  private readonly button: HTMLButtonElement;
  private readonly panel: HTMLElement;
  private isOpen = false;

  constructor(
    private readonly look: Look,
    channels: readonly WidgetChannel[],
    private readonly onOpen: () => void,
    private readonly onChoose: (channel: WidgetChannel, link: HTMLAnchorElement) => void,
    private readonly onCallBack: ((asked: CallBack) => Promise<Outcome>) | null,
  ) {
    this.button = make("button", {
      class: "button",
      type: "button",
      "aria-expanded": "false",
      "aria-controls": "panel",
      "aria-haspopup": "dialog",
    });
    this.panel = this.makePanel(channels);
    this.root = make(
      "div",
      { class: look.side === "left" ? "root left" : "root", lang: look.language, dir: "ltr" },
      this.panel,
      this.button,
    );
    if (look.color) this.root.style.setProperty("--color", look.color);
    this.showState();
    this.button.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
    this.attach();
  }

  /** The button goes; what was opened by the site itself stays. */
  showButton(shown: boolean): void {
    this.button.hidden = !shown;
  }

  open(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    this.onOpen();
    this.showState();
    this.panel.querySelector<HTMLElement>("a, input")?.focus();
  }

  close(): void {
    if (!this.isOpen) return;
    const hadFocus = this.host.shadowRoot?.activeElement !== null;
    this.isOpen = false;
    this.showState();
    if (hadFocus) this.button.focus();
  }

  private showState(): void {
    const { texts } = this.look;
    this.panel.hidden = !this.isOpen;
    this.button.setAttribute("aria-expanded", String(this.isOpen));
    this.button.setAttribute("aria-label", this.isOpen ? texts.close : texts.open);
    this.button.replaceChildren(glyph(this.isOpen ? "close" : "chat", 28));
  }

  private makePanel(channels: readonly WidgetChannel[]): HTMLElement {
    const { texts } = this.look;
    return make(
      "div",
      { class: "panel", id: "panel", role: "dialog", "aria-labelledby": "title" },
      make("h2", { id: "title" }, texts.title),
      ...(channels.length === 0
        ? []
        : [
            make("p", {}, texts.greeting),
            make("ul", {}, ...channels.map((channel) => make("li", {}, this.makeLink(channel)))),
          ]),
      ...(this.onCallBack === null ? [] : [callBackForm(texts, this.onCallBack)]),
      make("p", {}, texts.note),
    );
  }

  private makeLink(channel: WidgetChannel): HTMLAnchorElement {
    const { texts } = this.look;
    const isPage = channel.url.startsWith("https:");
    const link = make(
      "a",
      { href: channel.url, rel: "noopener noreferrer", ...(isPage ? { target: "_blank" } : {}) },
      glyph(channel.kind, 24),
      make(
        "span",
        {},
        make("span", { class: "kind" }, kindName(channel.kind)),
        make("span", { class: "name" }, channel.name),
        make("span", { class: "said" }, ` (${isPage ? texts.newTab : texts.app})`),
      ),
    );
    link.style.setProperty("--mark", `var(--${CSS.escape(channel.kind)}, var(--muted))`);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      if (link.getAttribute("aria-busy") !== "true") this.onChoose(channel, link);
    });
    return link;
  }

  private attach(): void {
    const shadow = this.host.attachShadow({ mode: "open" });
    // A sheet of its own is allowed by every content security policy; a style element is not.
    if ("adoptedStyleSheets" in shadow) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLES);
      shadow.adoptedStyleSheets = [sheet];
    } else {
      (shadow as ShadowRoot).append(make("style", {}, STYLES));
    }
    shadow.append(this.root);
    document.body.append(this.host);
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.isOpen) return;
      event.stopPropagation();
      this.close();
    });
    document.addEventListener("pointerdown", (event) => {
      if (!event.composedPath().includes(this.host)) this.close();
    });
  }
}
