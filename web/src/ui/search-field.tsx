import { useEffect, useRef, useState } from "preact/hooks";

import { t } from "../i18n";
import { IconButton } from "./button";
import { Icon } from "./icons";

const DELAY_MS = 250;

interface SearchFieldProps {
  label: string;
  /** What is searched for now. */
  search: string;
  /** A moment after the last key; at once when it is cleared. */
  onSearch: (search: string) => void;
  class?: string;
}

export function SearchField({ label, search, onSearch, class: extra }: SearchFieldProps) {
  const [text, setText] = useState(search);
  const field = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => setText(search), [search]);
  useEffect(() => () => clearTimeout(timer.current), []);

  return (
    <div class={`search ${extra ?? ""}`}>
      <Icon name="search" size={16} />
      <input
        ref={field}
        type="search"
        class="search-input"
        value={text}
        placeholder={label}
        aria-label={label}
        data-search
        onInput={(event) => {
          const wanted = event.currentTarget.value;
          setText(wanted);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => onSearch(wanted.trim()), DELAY_MS);
        }}
      />
      {text !== "" && (
        <IconButton
          icon="close"
          label={t("clear-search")}
          onClick={() => {
            clearTimeout(timer.current);
            setText("");
            onSearch("");
            field.current?.focus();
          }}
        />
      )}
    </div>
  );
}
