import { describe, expect, it } from "vitest";

import css from "./tokens.css?raw";

type Theme = "light" | "dark";

const tokens = new Map<string, Record<Theme, string>>();
for (const [, name = "", light = "", dark = ""] of css.matchAll(
  /--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g,
)) {
  tokens.set(name, { light, dark });
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string, theme: Theme): number {
  const [one, two] = [a, b].map((name) => {
    const token = tokens.get(name);
    if (token === undefined) throw new Error(`no token ${name}`);
    return luminance(token[theme]);
  });
  const [dim = 0, bright = 0] = [one ?? 0, two ?? 0].toSorted((x, y) => x - y);
  return (bright + 0.05) / (dim + 0.05);
}

const SURFACES = ["surface-0", "surface-1", "surface-2"];
const TINTS = ["accent-soft", "note", "warn-soft", "danger-soft"];
const CHANNELS = ["sms", "messenger", "telegram", "viber", "whatsapp", "email"].map(
  (kind) => `channel-${kind}`,
);

const TEXT_PAIRS = [
  ...["text", "text-muted", "accent", "accent-strong", "ok", "warn", "danger"].flatMap((text) =>
    SURFACES.map((surface) => [text, surface] as const),
  ),
  ...["text", "text-muted"].flatMap((text) => TINTS.map((tint) => [text, tint] as const)),
  ["text", "surface-3"] as const,
  ["text-muted", "surface-3"] as const,
  ["accent-strong", "accent-soft"] as const,
  ["on-accent", "accent"] as const,
  ["on-accent", "accent-strong"] as const,
  ["warn", "warn-soft"] as const,
  ["danger", "danger-soft"] as const,
  ["danger", "accent-soft"] as const,
  ["surface-1", "danger"] as const,
];

const OTHER_PAIRS = [
  ...["border-strong", "focus", ...CHANNELS].flatMap((mark) =>
    SURFACES.map((surface) => [mark, surface] as const),
  ),
  ["focus", "accent-soft"] as const,
];

describe.each<Theme>(["light", "dark"])("colours of the %s theme", (theme) => {
  it.each(TEXT_PAIRS)("%s on %s can be read", (text, surface) => {
    expect(contrast(text, surface, theme)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(OTHER_PAIRS)("%s on %s can be made out", (mark, surface) => {
    expect(contrast(mark, surface, theme)).toBeGreaterThanOrEqual(3);
  });
});
