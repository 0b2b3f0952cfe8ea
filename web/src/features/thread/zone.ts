import { createContext } from "preact";
import { useContext } from "preact/hooks";

/** The time zone in which a thread tells its times: the log's own there, elsewhere the browser's (undefined). */
export const ThreadZone = createContext<string | undefined>(undefined);

export function useThreadZone(): string | undefined {
  return useContext(ThreadZone);
}
