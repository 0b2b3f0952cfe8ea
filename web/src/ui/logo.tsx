/** The exchange: lines that meet in the middle. */
export function Logo({ size = 32 }: { size?: number }) {
  return (
    <svg class="logo" width={size} height={size} viewBox="0 0 32 32" role="img" aria-label="Centrala">
      <rect class="logo-ground" width="32" height="32" rx="8" />
      <g class="logo-lines" fill="none" stroke-width="2.4" stroke-linecap="round">
        <circle cx="16" cy="16" r="3" />
        <path d="M16 13V6.5M18.6 17.5l5.6 3.3M13.4 17.5l-5.6 3.3" />
      </g>
      <g class="logo-ends">
        <circle cx="16" cy="6.5" r="2" />
        <circle cx="24.3" cy="20.9" r="2" />
        <circle cx="7.7" cy="20.9" r="2" />
      </g>
    </svg>
  );
}
