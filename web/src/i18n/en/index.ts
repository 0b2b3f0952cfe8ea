import type { SameKeys } from "../catalogue";
import { channels } from "./channels";
import { checks } from "./checks";
import { common } from "./common";
import { drawings } from "./drawings";
import { failures } from "./failures";
import { inbox } from "./inbox";
import { log } from "./log";
import { reactions } from "./reactions";
import { reasons } from "./reasons";
import { settings } from "./settings";
import { templates } from "./templates";
import { thread } from "./thread";

export const en = {
  ...common,
  ...inbox,
  ...thread,
  ...log,
  ...settings,
  ...channels,
  ...checks,
  ...drawings,
  ...failures,
  ...reactions,
  ...reasons,
  ...templates,
};

export type Key = keyof typeof en;
export type Catalogue = SameKeys<typeof en>;
