import type { ComponentChildren } from "preact";

import { Icon, type IconName } from "./icons";

interface EmptyProps {
  icon: IconName;
  title: string;
  /** The one step that helps. */
  children?: ComponentChildren;
}

export function Empty({ icon, title, children }: EmptyProps) {
  return (
    <div class="empty">
      <span class="empty-icon">
        <Icon name={icon} size={24} />
      </span>
      <p class="empty-title">{title}</p>
      {children !== undefined && <div class="empty-text">{children}</div>}
    </div>
  );
}

/** Grey lines where rows will be. */
export function Skeleton({ rows, label }: { rows: number; label: string }) {
  return (
    <div class="skeleton" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} class="skeleton-row">
          <span class="skeleton-disc" />
          <span class="skeleton-lines" />
        </div>
      ))}
    </div>
  );
}

interface FailedProps {
  text: string;
  retryLabel: string;
  onRetry: () => void;
}

export function Failed({ text, retryLabel, onRetry }: FailedProps) {
  return (
    <div class="failed" role="alert">
      <p>{text}</p>
      <button type="button" class="button button-plain" onClick={onRetry}>
        {retryLabel}
      </button>
    </div>
  );
}
