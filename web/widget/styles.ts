/** All of the widget's looks; it lives in a shadow root, so nothing leaks in or out. */
export const STYLES = `
:host { all: initial; }
:host([hidden]) { display: none; }
* { box-sizing: border-box; margin: 0; font: inherit; }
.root {
  --surface: #fff; --text: #172226; --muted: #54626a; --border: #dfe5e7; --field: #7d8b92; --hover: #eef2f3;
  --focus: #0b67c2;
  --color: #157779; --on-color: #fff;
  --messenger: #0a6ce0; --telegram: #1679ad; --viber: #6f51cf;
  position: fixed; inset-block-end: 20px; inset-inline-end: 20px; z-index: 2147483000;
  display: flex; flex-direction: column; align-items: flex-end; gap: 12px;
  font: 400 16px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  color: var(--text); color-scheme: light;
}
.root.left { inset-inline: 20px auto; align-items: flex-start; }
@media (prefers-color-scheme: dark) {
  .root {
    --surface: #151b1d; --text: #e7edee; --muted: #a2b0b5; --border: #2a3337; --field: #74838a; --hover: #222a2d;
    --focus: #7ab8ff;
    --messenger: #6cabff; --telegram: #5cb9ea; --viber: #a993f2; color-scheme: dark;
  }
}
[hidden] { display: none !important; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
.button {
  width: 56px; height: 56px; padding: 0; border: 0; border-radius: 50%; cursor: pointer;
  display: grid; place-items: center; background: var(--color); color: var(--on-color);
  box-shadow: 0 4px 16px rgb(20 35 40 / 28%); transition: transform 120ms ease-out;
}
.button:hover { transform: scale(1.05); }
.panel {
  width: min(320px, calc(100vw - 40px)); max-height: calc(100vh - 120px); max-height: calc(100dvh - 120px);
  overflow: auto; overscroll-behavior: contain; scrollbar-width: thin;
  padding: 20px; border: 1px solid var(--border); border-radius: 14px;
  background: var(--surface); box-shadow: 0 8px 28px rgb(20 35 40 / 24%); animation: appear 120ms ease-out;
}
@keyframes appear { from { opacity: 0; transform: translateY(8px); } }
h2 { font-size: 18px; font-weight: 600; }
p { margin-top: 4px; color: var(--muted); font-size: 14px; }
ul { list-style: none; padding: 0; margin: 16px 0; display: grid; gap: 8px; }
a {
  display: flex; align-items: center; gap: 12px; min-height: 48px; padding: 8px 12px; border: 1px solid var(--border);
  border-radius: 10px; color: inherit; text-decoration: none; overflow-wrap: anywhere;
}
a:hover { background: var(--hover); }
a[aria-busy="true"] { opacity: 0.6; cursor: progress; }
a svg { flex: none; color: var(--mark, var(--muted)); }
h3 { font-size: 16px; font-weight: 600; }
form { display: grid; gap: 4px; margin: 16px 0; }
label { margin-top: 6px; font-size: 14px; }
input, textarea {
  width: 100%; min-height: 44px; padding: 8px 10px; border: 1px solid var(--field); border-radius: 8px;
  background: var(--surface); color: inherit; resize: vertical;
}
.send {
  min-height: 44px; margin-top: 8px; border: 0; border-radius: 8px; cursor: pointer; font-weight: 600;
  background: var(--color); color: var(--on-color);
}
.send:disabled { opacity: 0.6; cursor: default; }
.kind { font-weight: 500; }
.name { display: block; color: var(--muted); font-size: 13px; }
.said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (prefers-reduced-motion: reduce) { .button, .panel { transition: none; animation: none; } }
@media print { .root { display: none; } }
`;
