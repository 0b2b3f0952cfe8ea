import { t } from "../../../i18n";
import {
  Arrow,
  Bubble,
  bubbleWidth,
  ENTRY,
  Field,
  Frame,
  framed,
  MenuItem,
  Phone,
  PressButton,
  Sheet,
  Ticked,
  WIDTH,
} from "./parts";
import type { ChatScene, PageScene, PaperScene, Row, Scene } from "./scenes";
import { describe, said } from "./words";

/** What a step means, drawn; for those who don't see it, said. */
export function Drawing({ scene }: { scene: Scene }) {
  const height = heightOf(scene);
  return (
    <svg class="drawing" role="img" viewBox={`0 0 ${WIDTH} ${height}`} width={WIDTH} height={height}>
      <title>{describe(scene)}</title>
      {scene.shows === "page" ? (
        <Page scene={scene} height={height} />
      ) : scene.shows === "chat" ? (
        <Chat scene={scene} height={height} />
      ) : (
        <Paper scene={scene} height={height} />
      )}
    </svg>
  );
}

const PANE = 140;
const FIELD_ROW = 47;
const ROW_HEIGHTS = { copy: FIELD_ROW, enter: FIELD_ROW, press: 34, choose: 24 };
const LINE = 34;

function rowsHeight(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + ROW_HEIGHTS[row.does], 0);
}

function heightOf(scene: Scene): number {
  if (scene.shows === "chat") return scene.lines.length * LINE + 52;
  const rows = rowsHeight(scene.rows) + 16;
  if (scene.shows === "paper") return rows + 12;
  return framed(Math.max(rows, scene.menu.length * ENTRY + 12));
}

function Page({ scene, height }: { scene: PageScene; height: number }) {
  const chosen = scene.menu.findIndex((entry) => entry.chosen);
  return (
    <Frame height={height} address={scene.where}>
      {scene.menu.map((entry, index) => {
        const y = 6 + index * ENTRY;
        return <MenuItem key={`at ${y}`} y={y} {...entry} />;
      })}
      <path class="drawing-line" d={`M124.5 0V${height - 30}`} />
      {chosen >= 0 && <Arrow x={116} y={6 + chosen * ENTRY + 11} width={16} />}
      <Rows rows={scene.rows} x={PANE} y={8} width={WIDTH - PANE - 12} />
    </Frame>
  );
}

function Paper({ scene, height }: { scene: PaperScene; height: number }) {
  return (
    <Sheet height={height}>
      <Rows rows={scene.rows} x={16} y={14} width={WIDTH - 32} />
    </Sheet>
  );
}

function Rows({ rows, x, y, width }: { rows: readonly Row[]; x: number; y: number; width: number }) {
  let at = y;
  return (
    <>
      {rows.map((row) => {
        const here = at;
        at += ROW_HEIGHTS[row.does];
        return <DrawnRow key={row.name} row={row} x={x} y={here} width={width} />;
      })}
    </>
  );
}

const COPY = 54;

function DrawnRow({ row, x, y, width }: { row: Row; x: number; y: number; width: number }) {
  if (row.does === "press") return <PressButton x={x} y={y + 2} width={width} text={row.name} />;
  if (row.does === "choose")
    return <Ticked x={x} y={y + 2} text={row.value === undefined ? row.name : said(row.value)} />;
  const value = row.value === undefined ? "" : said(row.value);
  if (row.does === "enter") return <Field x={x} y={y} width={width} name={row.name} value={value} />;
  return (
    <>
      <Field x={x} y={y} width={width - COPY - 6} name={row.name} value={value} />
      <PressButton x={x + width - COPY} y={y + 15} width={COPY} text={t("drawing.copy-button")} />
    </>
  );
}

function Chat({ scene, height }: { scene: ChatScene; height: number }) {
  return (
    <Phone height={height} title={scene.name}>
      {scene.lines.map((line, index) => {
        const y = 42 + index * LINE;
        const text = said(line.text);
        return (
          <g key={`at ${y}`}>
            <Bubble y={y} text={text} mine={line.mine} marked={line.copy !== undefined} />
            {line.copy !== undefined && (
              <PressButton
                x={18 + bubbleWidth(text)}
                y={y + 1}
                width={COPY}
                text={t("drawing.copy-button")}
              />
            )}
          </g>
        );
      })}
    </Phone>
  );
}
