import { useEffect, useState } from "preact/hooks";

import { api } from "../../api/calls";
import type { ContactDetail, Dialog, Identity } from "../../api/types";
import { goBack, Link, withQuery } from "../../app/router";
import { t } from "../../i18n";
import { shortDate } from "../../i18n/dates";
import { generation, inbox, inThisGeneration, merge } from "../../realtime/store";
import { Avatar } from "../../ui/avatar";
import { Button, IconButton } from "../../ui/button";
import { channelKindName } from "../../ui/channel-kind";
import { ChannelMark } from "../../ui/channel-mark";
import { contactName } from "../inbox/names";
import { pictureOf } from "../inbox/picture";
import { senderOrName } from "../inbox/sender";
import { startChannels } from "../start/channels";
import { StartModal } from "../start/start-modal";
import { SourceFacts } from "./source-facts";

interface ContactPaneProps {
  dialog: Dialog;
  /** Where the pane is a page of its own. */
  closable: boolean;
}

export function ContactPane({ dialog, closable }: ContactPaneProps) {
  const detail = useContact(dialog.contact.id, cardsIn(dialog.id));
  return (
    <aside class="contact scroller" aria-label={t("contact.label")}>
      <header class="contact-header">
        {closable && (
          <IconButton
            icon="back"
            label={t("back")}
            onClick={() => goBack(withQuery(`/inbox/${dialog.id}`, { details: null }))}
          />
        )}
        <Avatar name={dialog.contact.name} picture={pictureOf(dialog)} />
        <h2 class="one-line" dir="auto" title={contactName(dialog.contact)}>
          {contactName(dialog.contact)}
        </h2>
        <span class="muted number" title={t("contact.number")}>
          {t("contact.record", { number: String(dialog.contact.number) })}
        </span>
      </header>
      <Identities items={identitiesOf(dialog, detail)} />
      {closable && <ThisDialog dialog={dialog} />}
      <PhoneNumber detail={detail} />
      <WriteFirst dialog={dialog} phone={detail?.contact.phone ?? null} />
      <section class="contact-section">
        <h3>{t("contact.source")}</h3>
        <SourceFacts source={dialog.source} />
      </section>
      <PreviousDialogs dialog={dialog} all={detail?.dialogs ?? null} />
    </aside>
  );
}

/** What the thread's header has no room for on narrow screens. */
function ThisDialog({ dialog: { channel, number } }: { dialog: Dialog }) {
  const through = [channelKindName(channel.kind), senderOrName(channel)].filter((each) => each !== null);
  return (
    <section class="contact-section">
      <h3>{t("thread.number", { number: String(number) })}</h3>
      <p>{t("contact.through", { channel: through.join(" · ") })}</p>
    </section>
  );
}

/** How many contact cards lie in the dialog: their own one makes the contact's number known. */
function cardsIn(dialogId: string): number {
  const messages = [...(inbox.value.messages.get(dialogId)?.values() ?? [])];
  return messages.filter(({ attachments }) => attachments.some(({ kind }) => kind === "contact")).length;
}

function useContact(contactId: string, cards: number): ContactDetail | null {
  const [detail, setDetail] = useState<ContactDetail | null>(null);
  useEffect(() => {
    let isCurrent = true;
    setDetail((known) => (known?.contact.id === contactId ? known : null));
    inThisGeneration(api.contact(contactId))
      .then((answer) => {
        if (answer === null || !isCurrent) return;
        merge({ seq: answer.seq, dialogs: answer.dialogs });
        setDetail(answer);
      })
      // The pane shows what the dialog itself tells.
      .catch(() => {});
    return () => {
      isCurrent = false;
    };
  }, [contactId, cards, generation.value]);
  return detail;
}

/** What the server told once, with what the open dialog tells now. */
function identitiesOf(dialog: Dialog, detail: ContactDetail | null): readonly Identity[] {
  if (detail === null) return [identityOf(dialog)];
  const { reachable, optedOut } = dialog;
  return detail.identities.map((one) =>
    dialog.status !== "closed" &&
    one.channel.id === dialog.channel.id &&
    one.address === dialog.contact.address
      ? { ...one, reachable, optedOut }
      : one,
  );
}

function identityOf(dialog: Dialog): Identity {
  return {
    reachable: dialog.reachable,
    optedOut: dialog.optedOut,
    consent: null,
    id: dialog.id,
    channel: dialog.channel,
    address: dialog.contact.address,
    name: dialog.contact.name,
  };
}

function Identities({ items }: { items: readonly Identity[] }) {
  return (
    <section class="contact-section">
      <h3>{t("contact.identities")}</h3>
      <ul class="identities">
        {items.map((identity) => (
          <li key={identity.id} class="identity">
            <ChannelMark kind={identity.channel.kind} />
            <span class="identity-text">
              <span class="one-line" dir="auto" title={identity.name || identity.address}>
                {identity.name === "" ? identity.address : identity.name}
              </span>
              <span class="muted one-line" title={identity.address}>
                {channelKindName(identity.channel.kind)}
                {identity.name !== "" && ` · ${identity.address}`}
              </span>
              <ConsentLine identity={identity} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Whether we may write at all, and whether marketing is welcome; the words that said so are the proof. */
function ConsentLine({ identity }: { identity: Identity }) {
  const { reachable, optedOut, consent } = identity;
  const isTold = consent !== null && consent.granted === !optedOut;
  if (reachable && !optedOut && !isTold) return null;
  const facts: string[] = [];
  if (!reachable) facts.push(t("contact.unreachable"));
  if (optedOut || isTold) facts.push(t(optedOut ? "contact.opted-out" : "contact.opted-in"));
  if (isTold) {
    facts.push(t("contact.consent-proof", { date: shortDate(consent.at), wording: consent.wording }));
  }
  return <span class="muted">{facts.join(" · ")}</span>;
}

/** Where it is no address that stands there already: they told it, by their own contact card. */
function PhoneNumber({ detail }: { detail: ContactDetail | null }) {
  const phone = detail?.contact.phone ?? null;
  if (phone === null || detail?.identities.some(({ address }) => phone.endsWith(address.replace("+", ""))))
    return null;
  return (
    <section class="contact-section">
      <h3>{t("contact.phone")}</h3>
      <a class="number" href={`tel:${phone}`}>
        {phone}
      </a>
    </section>
  );
}

/** By telephone number, where the open dialog itself is not the way. */
function WriteFirst({ dialog, phone }: { dialog: Dialog; phone: string | null }) {
  const [isOpen, setOpen] = useState(false);
  const possible = startChannels.value.filter(
    (one) => dialog.status === "closed" || one.id !== dialog.channel.id,
  );
  if (phone === null || possible.length === 0) return null;
  return (
    <section class="contact-section">
      <Button icon="plus" onClick={() => setOpen(true)}>
        {t("contact.write")}
      </Button>
      {isOpen && <StartModal channels={possible} to={phone} onClose={() => setOpen(false)} />}
    </section>
  );
}

function PreviousDialogs({ dialog, all }: { dialog: Dialog; all: readonly Dialog[] | null }) {
  if (all === null) return null;
  const { dialogs } = inbox.value;
  const others = all.filter((one) => one.id !== dialog.id).map((one) => dialogs.get(one.id) ?? one);
  return (
    <section class="contact-section">
      <h3>{t("contact.dialogs")}</h3>
      {others.length === 0 && <p class="muted">{t("contact.no-dialogs")}</p>}
      <ul>
        {others.map((one) => (
          <li key={one.id}>
            <Link to={withQuery(`/inbox/${one.id}`, { details: null })} class="previous">
              <ChannelMark kind={one.channel.kind} label />
              <span class="number">#{one.number}</span>
              <span class="one-line muted" dir="auto">
                {one.preview?.text}
              </span>
              <span class="muted number">{shortDate(one.createdAt)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
