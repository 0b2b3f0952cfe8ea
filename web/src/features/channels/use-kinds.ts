import { useEffect, useState } from "preact/hooks";

import { api } from "../../api/calls";
import type { ChannelKindList } from "../../api/types";

/** The installed channel kinds, fetched when a page that needs them opens. */
export function useKinds() {
  const [kinds, setKinds] = useState<ChannelKindList | null>(null);
  const [failed, setFailed] = useState(false);
  const load = async (): Promise<void> => {
    setFailed(false);
    try {
      setKinds(await api.channelKinds());
    } catch {
      setFailed(true);
    }
  };
  useEffect(() => void load(), []);
  return { kinds, failed, load };
}
