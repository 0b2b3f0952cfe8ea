import { useRef } from "preact/hooks";

import type { LinkButtonRule } from "../../api/types";
import { t } from "../../i18n";
import { Button, IconButton } from "../../ui/button";
import { addressOf, type LinkDraft, newLink } from "./link-buttons";
import { onEnter } from "./on-enter";
import { useRowFocus } from "./use-row-focus";

interface LinkButtonFieldsProps {
  links: readonly LinkDraft[];
  rule: LinkButtonRule;
  onChange: (links: readonly LinkDraft[]) => void;
}

/** The buttons that open a web address for the customer; an empty list shows nothing. */
export function LinkButtonFields({ links, rule, onChange }: LinkButtonFieldsProps) {
  const list = useRowFocus(links.length);
  if (links.length === 0) return null;
  const change = (changed: LinkDraft): void =>
    onChange(links.map((old) => (old.id === changed.id ? changed : old)));
  const addOne = (): void => onChange([...links, newLink()]);
  return (
    <fieldset ref={list} class="button-fields">
      <legend>{t("composer.link-buttons")}</legend>
      {links.map((link, index) => (
        <LinkFields
          key={link.id}
          link={link}
          number={index + 1}
          rule={rule}
          onChange={change}
          onRemove={() => onChange(links.filter((one) => one.id !== link.id))}
          onNext={links.length < rule.count ? addOne : undefined}
        />
      ))}
      {links.length < rule.count && (
        <Button kind="quiet" onClick={addOne}>
          {t("composer.add-link-button")}
        </Button>
      )}
    </fieldset>
  );
}

interface LinkFieldsProps {
  link: LinkDraft;
  number: number;
  rule: LinkButtonRule;
  onChange: (link: LinkDraft) => void;
  onRemove: () => void;
  /** Undefined where the channel takes no more of them. */
  onNext: (() => void) | undefined;
}

function LinkFields({ link, number, rule, onChange, onRemove, onNext }: LinkFieldsProps) {
  const address = useRef<HTMLInputElement>(null);
  const isWrong = link.address.trim() !== "" && addressOf(link.address) === null;
  return (
    <span class="button-field link-button-field">
      <input
        type="text"
        class="link-button-title"
        value={link.title}
        maxLength={rule.title}
        aria-label={t("composer.link-button-title", { n: number })}
        placeholder={t("composer.link-button-title-short")}
        autocomplete="off"
        onInput={(event) => onChange({ ...link, title: event.currentTarget.value })}
        onKeyDown={onEnter(() => address.current?.focus())}
      />
      <input
        ref={address}
        type="text"
        inputMode="url"
        class="link-button-address"
        value={link.address}
        aria-label={t("composer.link-button-address", { n: number })}
        aria-invalid={isWrong}
        placeholder="https://"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        onInput={(event) => onChange({ ...link, address: event.currentTarget.value })}
        onKeyDown={onEnter(() => addressOf(link.address) !== null && onNext?.())}
      />
      <IconButton icon="close" label={t("composer.remove-link-button", { n: number })} onClick={onRemove} />
    </span>
  );
}
