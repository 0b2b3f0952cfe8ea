import type { ComponentChildren, JSX, Ref } from "preact";

import { Icon, type IconName } from "./icons";

type NativeButton = Omit<JSX.IntrinsicElements["button"], "icon" | "ref">;

interface ButtonProps extends NativeButton {
  kind?: "primary" | "plain" | "quiet" | "danger";
  icon?: IconName;
  children: ComponentChildren;
  buttonRef?: Ref<HTMLButtonElement>;
}

export function Button({ kind = "plain", icon, children, buttonRef, class: extra, ...rest }: ButtonProps) {
  return (
    <button type="button" {...rest} ref={buttonRef} class={`button button-${kind} ${extra ?? ""}`}>
      {icon !== undefined && <Icon name={icon} size={16} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends NativeButton {
  icon: IconName;
  /** What it does: its name for screen readers and its tooltip. */
  label: string;
  /** The single key that does the same, for the tooltip. */
  shortcut?: string;
  buttonRef?: Ref<HTMLButtonElement>;
}

export function IconButton({ icon, label, shortcut, buttonRef, class: extra, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      ref={buttonRef}
      class={`icon-button ${extra ?? ""}`}
      aria-label={label}
      data-tooltip={shortcut === undefined ? label : `${label} · ${shortcut}`}
    >
      <Icon name={icon} />
    </button>
  );
}
