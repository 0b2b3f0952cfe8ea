const SVG = "http://www.w3.org/2000/svg";

interface Glyph {
  fill?: string;
  line?: string;
}

/** The console's own glyphs, on a 16 px grid. */
const GLYPHS: Record<string, Glyph> = {
  messenger: {
    fill: "M8 2.2c-3.4 0-6 2.4-6 5.5 0 1.7.8 3.2 2 4.2v2.1l2-1.1c.6.2 1.3.3 2 .3 3.4 0 6-2.4 6-5.5S11.4 2.2 8 2.2zM4.6 9.3l2.6-2.8 1.5 1.4 2.6-1.4-2.6 2.8-1.5-1.4z",
  },
  telegram: { fill: "M2 7.6L14 2.8l-2.1 10.6-3.5-2.7-1.9 1.9-.3-3.2 5-4.6-6.4 4.2z" },
  viber: {
    line: "M5 2.8c-1.3.5-1.8 1.9-1.3 3.5.9 3 3 5.2 6 6.3 1.5.5 2.8 0 3.4-1.3l-2.3-1.7-1.2 1C8 9.9 6.6 8.5 6 6.6l1-1.2zM9.3 3.3c1.9.2 3.1 1.5 3.3 3.4",
  },
  chat: { line: "M2.5 3h11v8H8l-3.2 2.5V11H2.5zM5 6h6M5 8.3h4" },
  close: { line: "M4 4l8 8M12 4l-8 8" },
};

const KINDS: Record<string, string> = { messenger: "Messenger", telegram: "Telegram", viber: "Viber" };

export function kindName(kind: string): string {
  return KINDS[kind] ?? kind.charAt(0).toUpperCase() + kind.slice(1);
}

/** An element with attributes and children; text is only ever text. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

export function glyph(name: string, size: number): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  const shape = GLYPHS[name] ?? GLYPHS["chat"];
  const given = { viewBox: "0 0 16 16", width: String(size), height: String(size), "aria-hidden": "true" };
  for (const [key, value] of Object.entries(given)) svg.setAttribute(key, value);
  if (shape?.fill) svg.append(path({ d: shape.fill, fill: "currentColor", "fill-rule": "evenodd" }));
  if (shape?.line) {
    const stroke = { fill: "none", stroke: "currentColor", "stroke-width": "1.5" };
    svg.append(path({ d: shape.line, ...stroke, "stroke-linecap": "round", "stroke-linejoin": "round" }));
  }
  return svg;
}

function path(attributes: Record<string, string>): SVGPathElement {
  const element = document.createElementNS(SVG, "path");
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
