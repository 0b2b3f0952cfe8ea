import { now } from "../../app/clock";
import { t } from "../../i18n";
import { shortDate } from "../../i18n/dates";
import type { Key } from "../../i18n/en";
import { Icon } from "../../ui/icons";
import { Menu, MenuItem, MenuList } from "../../ui/menu";
import { periodOf, type Preset, PRESETS, presetOf, todayIn } from "./periods";

const NAMES: Record<Preset, Key> = {
  today: "period.today",
  yesterday: "period.yesterday",
  "last-7": "period.last-7",
  "last-30": "period.last-30",
  "this-month": "period.this-month",
  "previous-month": "period.previous-month",
};

interface PeriodMenuProps {
  from: string | null;
  to: string | null;
  timeZone: string;
  onChange: (period: { from: string | null; to: string | null }) => void;
}

/** Days on which the dialogs began: a preset, or from and to. */
export function PeriodMenu({ from, to, timeZone, onChange }: PeriodMenuProps) {
  const today = todayIn(timeZone, now.value);
  const chosen = presetOf(from, to, today);
  const active = from !== null || to !== null;
  return (
    <Menu
      label={t("log.period")}
      withFields
      button={(props) => (
        <button type="button" {...props} class={`chip ${active ? "chip-on" : ""}`}>
          <span class="chip-name">{t("log.period")}</span>
          <span class="chip-value one-line">{chosen === null ? rangeText(from, to) : t(NAMES[chosen])}</span>
          <Icon name="down" size={14} />
        </button>
      )}
    >
      {(close) => (
        <>
          <MenuList label={t("log.period")}>
            <MenuItem
              checked={!active}
              onSelect={() => {
                close();
                onChange({ from: null, to: null });
              }}
            >
              {t("period.any")}
            </MenuItem>
            {PRESETS.map((preset) => (
              <MenuItem
                key={preset}
                checked={preset === chosen}
                onSelect={() => {
                  close();
                  onChange(periodOf(preset, today));
                }}
              >
                {t(NAMES[preset])}
              </MenuItem>
            ))}
          </MenuList>
          <div class="menu-foot period-days">
            <Day label={t("period.from")} value={from} onChange={(day) => onChange({ from: day, to })} />
            <Day label={t("period.to")} value={to} onChange={(day) => onChange({ from, to: day })} />
            <p class="muted">{t("log.zone", { zone: timeZone })}</p>
          </div>
        </>
      )}
    </Menu>
  );
}

function Day({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | null;
  onChange: (day: string | null) => void;
}) {
  return (
    <label class="field field-inline">
      <span class="muted">{label}</span>
      <input
        class="input"
        type="date"
        value={value ?? ""}
        onChange={(event) => onChange(event.currentTarget.value || null)}
      />
    </label>
  );
}

function rangeText(from: string | null, to: string | null): string {
  if (from !== null && to !== null) return from === to ? dayName(from) : `${dayName(from)} – ${dayName(to)}`;
  if (from !== null) return t("period.since", { day: dayName(from) });
  return to === null ? t("period.any") : t("period.until", { day: dayName(to) });
}

/** A date alone is read as midnight UTC; so it is also shown in UTC. */
function dayName(date: string): string {
  return shortDate(date, "UTC");
}
