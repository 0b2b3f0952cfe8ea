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

interface SkeletonProps {
  rows: number;
  label: string;
  /** As high as the rows that will come, so that nothing moves then. */
  rowHeight?: number;
}

/** Grey lines where rows will be. */
export function Skeleton({ rows, label, rowHeight = 64 }: SkeletonProps) {
  return (
    <div class="skeleton" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} class="skeleton-row" style={{ height: `${rowHeight}px` }}>
          <span class="skeleton-disc" />
          <span class="skeleton-lines" />
        </div>
      ))}
    </div>
  );
}

/** Grey bubbles where messages will be: the newest at the end, as they come. */
export function BubbleSkeleton({ label }: { label: string }) {
  return (
    <div class="skeleton skeleton-thread" role="status" aria-label={label}>
      {["52%", "34%", "44%", "28%"].map((width, index) => (
        <span
          key={width}
          class={`skeleton-bubble ${index % 2 === 1 ? "skeleton-ours" : ""}`}
          style={{ width }}
        />
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
