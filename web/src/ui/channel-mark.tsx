import { channelKindName } from "./channel-kind";

/** Simple glyphs of our own on a 16 px grid: `line` is stroked, `fill` is filled. */
const GLYPHS: Record<string, { fill?: string; line?: string }> = {
  sms: { fill: "M3 3h10v7.5H7L4.5 13v-2.5H3z" },
  messenger: {
    fill: "M8 2.2c-3.4 0-6 2.4-6 5.5 0 1.7.8 3.2 2 4.2v2.1l2-1.1c.6.2 1.3.3 2 .3 3.4 0 6-2.4 6-5.5S11.4 2.2 8 2.2zM4.6 9.3l2.6-2.8 1.5 1.4 2.6-1.4-2.6 2.8-1.5-1.4z",
  },
  telegram: { fill: "M2 7.6L14 2.8l-2.1 10.6-3.5-2.7-1.9 1.9-.3-3.2 5-4.6-6.4 4.2z" },
  viber: {
    line: "M5 2.8c-1.3.5-1.8 1.9-1.3 3.5.9 3 3 5.2 6 6.3 1.5.5 2.8 0 3.4-1.3l-2.3-1.7-1.2 1C8 9.9 6.6 8.5 6 6.6l1-1.2zM9.3 3.3c1.9.2 3.1 1.5 3.3 3.4",
  },
  whatsapp: { line: "M3 13l.8-2.5A5.4 5.4 0 1 1 5.7 12.3zM6.2 6c0 2 1.7 3.7 3.7 3.8" },
  email: { line: "M2.5 4h11v8h-11zM2.5 4.5L8 8.7l5.5-4.2" },
};

/** The mark of a channel kind; with ``label`` it also says its name to screen readers. */
export function ChannelMark({
  kind,
  size = 16,
  label = false,
}: {
  kind: string;
  size?: number;
  label?: boolean;
}) {
  const glyph = GLYPHS[kind] ?? { line: "M8 3.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9z" };
  const name = channelKindName(kind);
  return (
    <svg
      class="channel-mark"
      data-kind={kind}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      role={label ? "img" : undefined}
      aria-label={label ? name : undefined}
      aria-hidden={label ? undefined : "true"}
    >
      {glyph.fill && <path d={glyph.fill} fill="currentColor" fill-rule="evenodd" />}
      {glyph.line && (
        <path
          d={glyph.line}
          fill="none"
          stroke="currentColor"
          stroke-width="1.5"
          stroke-linecap="round"
          stroke-linejoin="round"
        />
      )}
    </svg>
  );
}
