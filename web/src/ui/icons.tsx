/** Our own line icons on a 20 px grid; always beside a text or inside something that has a label. */
const PATHS = {
  inbox:
    "M3 11l2.2-6.2A1.2 1.2 0 0 1 6.3 4h7.4a1.2 1.2 0 0 1 1.1.8L17 11v4a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 15zM3 11h4l1.2 2h3.6L13 11h4",
  log: "M4 5h12M4 10h12M4 15h7",
  settings: "M4 6h6m4 0h2M4 14h2m4 0h6M12 4v4M8 12v4",
  more: "M5 10h.01M10 10h.01M15 10h.01",
  search: "M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM13 13l4 4",
  back: "M12 4.5L6.5 10l5.5 5.5",
  next: "M8 4.5l5.5 5.5L8 15.5",
  down: "M5.5 8L10 12.5 14.5 8",
  up: "M5.5 12L10 7.5l4.5 4.5",
  plus: "M10 4v12M4 10h12",
  close: "M5.5 5.5l9 9M14.5 5.5l-9 9",
  check: "M4.5 10.5l3.5 3.5 7.5-8",
  send: "M10 16V4.5M5 9.5l5-5 5 5",
  attach:
    "M15.5 9.5l-5.4 5.4a3.4 3.4 0 0 1-4.8-4.8l5.9-5.9a2.2 2.2 0 0 1 3.1 3.1l-5.8 5.8a1 1 0 0 1-1.5-1.4l5-5",
  lock: "M5.5 9h9v7h-9zM7.5 9V6.5a2.5 2.5 0 0 1 5 0V9",
  clock: "M10 16.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM10 6.5V10l2.5 1.5",
  retry: "M15.5 8A6 6 0 1 0 16 11.5M15.8 4v4h-4",
  panel: "M3.5 4.5h13v11h-13zM12 4.5v11",
  file: "M5.5 3.5h6l3 3v10h-9zM11.5 3.5v3h3",
  pin: "M10 17s5-4.6 5-8.5a5 5 0 0 0-10 0C5 12.4 10 17 10 17zM10 10a1.7 1.7 0 1 0 0-3.4A1.7 1.7 0 0 0 10 10z",
  person: "M10 10a3.2 3.2 0 1 0 0-6.4A3.2 3.2 0 0 0 10 10zM4 16.5c.6-3 3-4.5 6-4.5s5.4 1.5 6 4.5",
  image: "M3.5 4.5h13v11h-13zM3.5 13l3.5-3.5 3 3 2.5-2.5 4 4M12.5 8h.01",
  download: "M10 3.5v9M6.5 9.5L10 13l3.5-3.5M4 16.5h12",
  warning: "M10 3.5l7 12.5H3zM10 8v3.5M10 13.8h.01",
  columns: "M3.5 4.5h13v11h-13zM8 4.5v11M12.5 4.5v11",
  keyboard: "M2.5 5.5h15v9h-15zM5.5 8.5h.01M8.5 8.5h.01M11.5 8.5h.01M14.5 8.5h.01M6.5 11.5h7",
  leave: "M11.5 6V4H4v12h7.5v-2M8 10h9M14 7l3 3-3 3",
  choices: "M4 4.5h12v4H4zM4 11.5h12v4H4zM7 6.5h6M7 13.5h6",
  link: "M8.5 11.5a3 3 0 0 0 4.3 0l2.8-2.8a3 3 0 0 0-4.3-4.3L10 5.7M11.5 8.5a3 3 0 0 0-4.3 0l-2.8 2.8a3 3 0 0 0 4.3 4.3l1.3-1.3",
  smile:
    "M10 16.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM7.2 11.6c.6 1 1.6 1.6 2.8 1.6s2.2-.6 2.8-1.6M7.8 8.2h.01M12.2 8.2h.01",
  reply: "M8 5L3.5 9.5 8 14M3.5 9.5H12a4.5 4.5 0 0 1 4.5 4.5v1",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      stroke-width={name === "more" ? 2.4 : 1.5}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
