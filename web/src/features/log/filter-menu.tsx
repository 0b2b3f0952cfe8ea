import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { t } from "../../i18n";
import { Icon } from "../../ui/icons";
import { Menu, MenuItem, MenuList } from "../../ui/menu";

const SEARCH_FROM = 9;

export interface FilterOption {
  value: string | null;
  label: string;
  mark?: ComponentChildren;
}

interface FilterMenuProps {
  name: string;
  value: string | null;
  options: readonly FilterOption[];
  onChoose: (value: string | null) => void;
  /** Whether it narrows the list: then it stands out. */
  active: boolean;
}

/** One filter as a chip: its name, what is chosen, and a menu to choose from. */
export function FilterMenu({ name, value, options, onChoose, active }: FilterMenuProps) {
  const chosen = options.find((option) => option.value === value);
  return (
    <Menu
      label={name}
      withFields={options.length >= SEARCH_FROM}
      button={(props) => (
        <button type="button" {...props} class={`chip ${active ? "chip-on" : ""}`}>
          <span class="chip-name">{name}</span>
          {chosen !== undefined && <span class="chip-value one-line">{chosen.label}</span>}
          <Icon name="down" size={14} />
        </button>
      )}
    >
      {(close) => (
        <Options
          name={name}
          value={value}
          options={options}
          onChoose={(next) => {
            close();
            onChoose(next);
          }}
        />
      )}
    </Menu>
  );
}

function Options({ name, value, options, onChoose }: Omit<FilterMenuProps, "active">) {
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLocaleLowerCase();
  const shown = options.filter((option) => option.label.toLocaleLowerCase().includes(wanted));
  const list = (
    <div class="menu-list scroller">
      {shown.map((option) => (
        <MenuItem key={option.value} checked={option.value === value} onSelect={() => onChoose(option.value)}>
          {option.mark}
          <span class="one-line">{option.label}</span>
        </MenuItem>
      ))}
    </div>
  );
  if (options.length < SEARCH_FROM) return list;
  return (
    <>
      <input
        class="menu-search"
        type="search"
        value={search}
        placeholder={t("log.find-in", { name })}
        aria-label={t("log.find-in", { name })}
        onInput={(event) => setSearch(event.currentTarget.value)}
      />
      <MenuList label={name}>{list}</MenuList>
    </>
  );
}
