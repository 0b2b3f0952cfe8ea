import { useState } from "preact/hooks";

import { ChannelMark } from "./channel-mark";
import { initials } from "./initials";

interface AvatarProps {
  name: string;
  /** Shown as a badge on the corner. */
  channelKind?: string;
  size?: "small" | "medium";
  /** The address of a picture; initials stand for one that there is not, or that does not load. */
  picture?: string | null;
}

/** A disc with a picture or initials; decorative, the name always stands beside it. The badge says its channel. */
export function Avatar({ name, channelKind, size = "medium", picture = null }: AvatarProps) {
  const [broken, setBroken] = useState<string | null>(null);
  return (
    <span class={`avatar avatar-${size}`}>
      <span class="avatar-disc" aria-hidden="true">
        {picture !== null && picture !== broken ? (
          <img src={picture} alt="" loading="lazy" onError={() => setBroken(picture)} />
        ) : (
          initials(name)
        )}
      </span>
      {channelKind !== undefined && (
        <span class="avatar-badge">
          <ChannelMark kind={channelKind} size={12} label />
        </span>
      )}
    </span>
  );
}
