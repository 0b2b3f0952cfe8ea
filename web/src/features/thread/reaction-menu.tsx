import { useEffect, useRef, useState } from "preact/hooks";

import type { Message, ReactionRule } from "../../api/types";
import { t } from "../../i18n";
import { Button, IconButton } from "../../ui/button";
import { Icon } from "../../ui/icons";
import { Menu, MenuItem, MenuList } from "../../ui/menu";
import { react } from "./actions";
import { isSame, offerOf } from "./reacting";

const COLUMNS = 6;

interface ReactionMenuProps {
  message: Message;
  rule: ReactionRule;
  /** Answering is offered here too. */
  onReply?: (() => void) | undefined;
}

/** Emoji to put on a customer's message; the one that is there takes itself back. */
export function ReactionMenu({ message, rule, onReply }: ReactionMenuProps) {
  return (
    <Menu
      label={t("reaction.choose")}
      withFields
      columns={COLUMNS}
      button={(props) => (
        <IconButton
          {...props}
          icon={onReply === undefined ? "smile" : "more"}
          label={t(onReply === undefined ? "reaction.add" : "reaction.more-deeds")}
        />
      )}
    >
      {(close) => <Picker message={message} rule={rule} onReply={onReply} close={close} />}
    </Menu>
  );
}

function Picker({ message, rule, onReply, close }: ReactionMenuProps & { close: () => void }) {
  const [isWhole, setWhole] = useState(false);
  const grid = useRef<HTMLDivElement>(null);
  const { atOnce, more, any } = offerOf(rule);
  const present = message.ownReaction?.emoji ?? null;
  const choose = (emoji: string): void => {
    close();
    void react(message, isSame(emoji, present) ? null : emoji);
  };
  useEffect(() => {
    // The button that had the focus is gone; the first of those that came is next.
    if (isWhole) grid.current?.querySelectorAll<HTMLElement>("[role^=menuitem]")[atOnce.length]?.focus();
  }, [isWhole]);
  return (
    // Without the tooltip of the message that it belongs to.
    <div title="">
      <MenuList label={t("reaction.choose")}>
        <div ref={grid} class={`emoji-grid ${isWhole ? "emoji-all scroller" : ""}`}>
          {[...atOnce, ...(isWhole ? more : [])].map((emoji) => (
            <MenuItem key={emoji} checked={isSame(emoji, present)} onSelect={() => choose(emoji)}>
              {emoji}
            </MenuItem>
          ))}
        </div>
        {!isWhole && (
          <MenuItem onSelect={() => setWhole(true)}>
            <Icon name="smile" size={16} />
            {t("reaction.more")}
          </MenuItem>
        )}
        {onReply !== undefined && (
          <div class="menu-foot">
            <MenuItem
              onSelect={() => {
                close();
                onReply();
              }}
            >
              <Icon name="reply" size={16} />
              {t("message.reply")}
            </MenuItem>
          </div>
        )}
      </MenuList>
      {isWhole && any && <OtherEmoji choose={choose} />}
    </div>
  );
}

function OtherEmoji({ choose }: { choose: (emoji: string) => void }) {
  const [emoji, setEmoji] = useState("");
  return (
    <form
      class="emoji-other"
      onSubmit={(event) => {
        event.preventDefault();
        if (emoji.trim() !== "") choose(emoji.trim());
      }}
    >
      <label class="field">
        {t("reaction.other")}
        <input
          class="input"
          value={emoji}
          maxLength={32}
          autocomplete="off"
          onInput={(event) => setEmoji(event.currentTarget.value)}
        />
      </label>
      <Button type="submit" aria-label={t("reaction.put")} disabled={emoji.trim() === ""}>
        <Icon name="check" size={16} />
      </Button>
    </form>
  );
}
