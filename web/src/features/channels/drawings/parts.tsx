import type { ComponentChildren } from "preact";

/** The few parts that every drawing is made of; colours come from the design tokens by class (styles/drawings.css). */

export const WIDTH = 320;
const BAR = 28;
const PHONE = 240;

interface BoxProps {
  x: number;
  y: number;
  width: number;
}

/** A browser window, of which only the address matters. */
export function Frame({ height, address, children }: FramedProps & { address: string }) {
  return (
    <Sheet height={height}>
      <path class="drawing-bar" d={`M1 ${BAR}V7a6 6 0 0 1 6-6h306a6 6 0 0 1 6 6v${BAR - 7}z`} />
      <circle class="drawing-dim" cx="14" cy="14.5" r="3.5" />
      <circle class="drawing-dim" cx="26" cy="14.5" r="3.5" />
      <rect class="drawing-address" x="40" y="5.5" width="268" height="18" rx="9" />
      <text class="drawing-muted" x="50" y="18.5">
        {address}
      </text>
      <g transform={`translate(0 ${BAR})`}>{children}</g>
    </Sheet>
  );
}

interface FramedProps {
  height: number;
  children: ComponentChildren;
}

/** A page without anything around it. */
export function Sheet({ height, children }: FramedProps) {
  return (
    <>
      <rect class="drawing-sheet" x="1" y="1" width={WIDTH - 2} height={height - 2} rx="6" />
      {children}
    </>
  );
}

/** The frame's height of what is below its address bar. */
export function framed(content: number): number {
  return content + BAR + 2;
}

export const ENTRY = 24;

export function MenuItem({ y, name, below, chosen }: { y: number } & MenuItemText) {
  const x = below ? 22 : 12;
  return (
    <>
      {chosen && <rect class="drawing-chosen" x="6" y={y} width="112" height={ENTRY - 2} rx="4" />}
      {name === undefined ? (
        <rect class="drawing-dim" x={x} y={y + 8} width={y % 48 < 24 ? 64 : 48} height="6" rx="3" />
      ) : (
        <text class={chosen ? "drawing-chosen-text" : "drawing-text"} x={x} y={y + 15}>
          {name}
        </text>
      )}
    </>
  );
}

interface MenuItemText {
  name?: string;
  below?: boolean;
  chosen?: boolean;
}

/** A field with its name above. */
export function Field({ x, y, width, name, value }: BoxProps & { name: string; value: string }) {
  return (
    <>
      <text class="drawing-muted" x={x} y={y + 10}>
        {name}
      </text>
      <rect class="drawing-field" x={x} y={y + 15} width={width} height="24" rx="4" />
      <text class="drawing-text" x={x + 7} y={y + 31}>
        {value}
      </text>
    </>
  );
}

export function PressButton({ x, y, width, text }: BoxProps & { text: string }) {
  return (
    <>
      <rect class="drawing-button" x={x} y={y} width={width} height="24" rx="4" />
      <text class="drawing-button-text" x={x + width / 2} y={y + 16} text-anchor="middle">
        {text}
      </text>
    </>
  );
}

export function Ticked({ x, y, text }: { x: number; y: number; text: string }) {
  return (
    <>
      <rect class="drawing-button" x={x} y={y} width="14" height="14" rx="3" />
      <path class="drawing-tick" d={`M${x + 3.5} ${y + 7.5}l2.5 2.5 4.5-5.5`} />
      <text class="drawing-text" x={x + 20} y={y + 11.5}>
        {text}
      </text>
    </>
  );
}

/** Points to the right, at what is to be looked at. */
export function Arrow({ x, y, width }: BoxProps) {
  const end = x + width;
  return <path class="drawing-arrow" d={`M${x} ${y}H${end}m-5 -5 5 5 -5 5`} />;
}

export function Bubble({ y, text, mine, marked }: BubbleProps) {
  const width = bubbleWidth(text);
  const x = mine ? PHONE - 12 - width : 12;
  const look = marked ? "drawing-field" : mine ? "drawing-mine" : "drawing-theirs";
  return (
    <>
      <rect class={look} x={x} y={y} width={width} height="26" rx="10" />
      <text class="drawing-text" x={x + 10} y={y + 17}>
        {text}
      </text>
    </>
  );
}

interface BubbleProps {
  y: number;
  text: string;
  mine?: boolean;
  marked?: boolean;
}

/** Text is not measured: as wide as its letters are at most. */
export function bubbleWidth(text: string): number {
  return Math.min(text.length * 6.6 + 22, PHONE - 24);
}

/** A telephone with a chat on it. */
export function Phone({ height, title, children }: FramedProps & { title: string }) {
  return (
    <>
      <rect class="drawing-sheet" x="1" y="1" width={PHONE - 2} height={height - 2} rx="14" />
      <path class="drawing-bar" d={`M1 34V15a14 14 0 0 1 14-14h${PHONE - 30}a14 14 0 0 1 14 14v19z`} />
      <text class="drawing-title" x={PHONE / 2} y="22" text-anchor="middle">
        {title}
      </text>
      {children}
    </>
  );
}
