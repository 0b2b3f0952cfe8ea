import { currentSession } from "./session";
import { t } from "../i18n";
import { say } from "../ui/toast";
import { Avatar } from "../ui/avatar";
import { Icon } from "../ui/icons";
import { Menu, MenuItem } from "../ui/menu";
import { navigate } from "./router";
import { signOut } from "./session";
import { helpShown } from "./help";
import { theme, type Theme } from "./preferences";
import type { Key } from "../i18n/en";

const THEMES: readonly (readonly [Theme, Key])[] = [
  ["system", "settings.theme-system"],
  ["light", "settings.theme-light"],
  ["dark", "settings.theme-dark"],
];

export async function leave(): Promise<void> {
  try {
    await signOut();
    navigate("/sign-in");
  } catch {
    say(t("action.unreachable"));
  }
}

export function AccountMenu() {
  const { agent } = currentSession();
  return (
    <Menu
      label={t("nav.account")}
      button={(props) => (
        <button type="button" {...props} class="account-button">
          <span class="only-read-aloud">{t("nav.account-of", { name: agent.name })}</span>
          <Avatar name={agent.name} size="small" />
        </button>
      )}
    >
      {(close) => (
        <>
          <p class="menu-heading">
            <strong class="one-line">{agent.name}</strong>
            <span class="muted one-line">{agent.email}</span>
          </p>
          <div role="group" aria-label={t("settings.theme")} class="menu-group">
            {THEMES.map(([name, key]) => (
              <MenuItem
                key={name}
                checked={theme.value === name}
                onSelect={() => {
                  theme.value = name;
                }}
              >
                {t(key)}
              </MenuItem>
            ))}
          </div>
          <MenuItem
            onSelect={() => {
              close();
              helpShown.value = true;
            }}
          >
            <Icon name="keyboard" size={16} />
            {t("nav.shortcuts")}
          </MenuItem>
          <MenuItem onSelect={() => void leave()}>
            <Icon name="leave" size={16} />
            {t("nav.sign-out")}
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
