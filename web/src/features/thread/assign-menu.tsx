import { useState } from "preact/hooks";

import type { Agent, Dialog } from "../../api/types";
import { currentSession } from "../../app/session";
import { t } from "../../i18n";
import { activeAgents } from "../../realtime/store";
import { Avatar } from "../../ui/avatar";
import { Icon } from "../../ui/icons";
import { Menu, MenuItem, MenuList } from "../../ui/menu";
import { assign } from "./actions";
import type { Rights } from "./rights";

/** Choose who is responsible, or give the dialog back to nobody. */
export function AssignMenu({ dialog, rights }: { dialog: Dialog; rights: Rights }) {
  const name = dialog.assignee?.name ?? t("thread.nobody");
  return (
    <Menu
      label={t("thread.assign")}
      withFields
      button={(props) => (
        <button type="button" {...props} class="button button-plain" data-shortcut="assign">
          <span class="only-read-aloud">{`${t("thread.assign-title")}: ${name}`}</span>
          {dialog.assignee === null ? <Icon name="person" size={16} /> : <Avatar name={name} size="small" />}
          <span class="one-line assign-name" aria-hidden="true">
            {name}
          </span>
          <Icon name="down" size={14} />
        </button>
      )}
    >
      {(close) => <Choices dialog={dialog} rights={rights} close={close} />}
    </Menu>
  );
}

function Choices({ dialog, rights, close }: { dialog: Dialog; rights: Rights; close: () => void }) {
  const [search, setSearch] = useState("");
  const me = currentSession().agent.id;
  const agents = activeAgents.value.filter((agent) => servesChannel(agent, dialog) && matches(agent, search));
  const choose = (agentId: string | null): void => {
    close();
    if (agentId !== (dialog.assignee?.id ?? null)) void assign(dialog, agentId);
  };
  return (
    <>
      <input
        class="menu-search"
        type="search"
        value={search}
        placeholder={t("thread.find-agent")}
        aria-label={t("thread.find-agent")}
        onInput={(event) => setSearch(event.currentTarget.value)}
      />
      <MenuList label={t("thread.assign")}>
        <div class="menu-list scroller">
          {agents.map((agent) => (
            <MenuItem
              key={agent.id}
              checked={agent.id === dialog.assignee?.id}
              onSelect={() => choose(agent.id)}
            >
              <Avatar name={agent.name} size="small" />
              <span class="one-line">
                {agent.id === me ? t("thread.me", { name: agent.name }) : agent.name}
              </span>
            </MenuItem>
          ))}
        </div>
        {rights.giveBack && (
          <div class="menu-foot">
            <MenuItem onSelect={() => choose(null)}>
              <Icon name="reply" size={16} />
              {t("thread.give-back")}
            </MenuItem>
          </div>
        )}
      </MenuList>
      {agents.length === 0 && (
        <p class="menu-none muted" role="status">
          {t("thread.no-agent-found")}
        </p>
      )}
    </>
  );
}

function servesChannel(agent: Agent, dialog: Dialog): boolean {
  return agent.role === "administrator" || agent.channelIds.includes(dialog.channel.id);
}

function matches(agent: Agent, search: string): boolean {
  return fold(agent.name).includes(fold(search.trim()));
}

function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").replace(/ł/gi, "l").toLowerCase();
}
