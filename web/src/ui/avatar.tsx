import { ChannelMark } from "./channel-mark";
import { initials } from "./initials";

interface AvatarProps {
  name: string;
  /** Shown as a badge on the corner. */
  channelKind?: string;
  size?: "small" | "medium";
}

/** A disc with initials; decorative, the name always stands beside it. The badge says its channel. */
export function Avatar({ name, channelKind, size = "medium" }: AvatarProps) {
  return (
    <span class={`avatar avatar-${size}`}>
      <span class="avatar-disc" aria-hidden="true">
        {initials(name)}
      </span>
      {channelKind !== undefined && (
        <span class="avatar-badge">
          <ChannelMark kind={channelKind} size={12} label />
        </span>
      )}
    </span>
  );
}
