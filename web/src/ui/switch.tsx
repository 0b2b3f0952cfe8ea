import type { Signal } from "@preact/signals";

/** A choice that is on or off. */
export function Switch({ choice, label }: { choice: Signal<boolean>; label: string }) {
  return (
    <label class="field field-inline">
      <span class="muted">{label}</span>
      <input
        type="checkbox"
        role="switch"
        class="switch"
        checked={choice.value}
        aria-checked={choice.value}
        onChange={(event) => {
          choice.value = event.currentTarget.checked;
        }}
      />
    </label>
  );
}
