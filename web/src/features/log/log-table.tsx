import type { Dialog } from "../../api/types";
import { Link, withQuery } from "../../app/router";
import { t } from "../../i18n";
import { contactName } from "../inbox/names";
import { type Column, shownColumns } from "./columns";
import type { LogFilters, LogOrder } from "./filters";

interface LogTableProps {
  dialogs: readonly Dialog[];
  timeZone: string;
  filters: LogFilters;
  onOrder: (order: LogOrder) => void;
}

export function LogTable({ dialogs, timeZone, filters, onOrder }: LogTableProps) {
  const columns = shownColumns();
  return (
    <table class="log-table" data-testid="log-table">
      <thead>
        <tr>
          <th scope="col">{t("log.contact")}</th>
          {columns.map((column) => (
            <Heading key={column.id} column={column} order={filters.order} onOrder={onOrder} />
          ))}
        </tr>
      </thead>
      <tbody>
        {dialogs.map((dialog) => (
          <tr key={dialog.id} data-log-row={dialog.id}>
            <th scope="row">
              <Link to={withQuery(`/log/${dialog.id}`)} class="log-open">
                <ContactCell dialog={dialog} />
              </Link>
            </th>
            {columns.map((column) => (
              <td key={column.id} class={column.id === "messages" ? "number" : undefined}>
                {column.cell(dialog, timeZone)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ContactCell({ dialog }: { dialog: Dialog }) {
  const { name, address } = dialog.contact;
  return (
    <span class="log-contact">
      <span class="one-line" dir="auto" title={contactName(dialog.contact)}>
        {contactName(dialog.contact)}
      </span>
      {name !== "" && <span class="muted one-line">{address}</span>}
    </span>
  );
}

interface HeadingProps {
  column: Column;
  order: LogOrder;
  onOrder: (order: LogOrder) => void;
}

function Heading({ column, order, onOrder }: HeadingProps) {
  const { orders, label } = column;
  if (orders === undefined) return <th scope="col">{t(label)}</th>;
  const [first, second] = orders;
  const isSorted = order === first || order === second;
  const direction = !isSorted ? undefined : order.endsWith("asc") ? "ascending" : "descending";
  return (
    <th scope="col" aria-sort={direction}>
      <button type="button" class="sort" onClick={() => onOrder(order === first ? second : first)}>
        {t(label)}
        <span class="sort-mark" aria-hidden="true">
          {direction === undefined ? "" : direction === "ascending" ? "↑" : "↓"}
        </span>
      </button>
    </th>
  );
}

/** On a phone the rows become cards. */
export function LogCards({ dialogs, timeZone }: Pick<LogTableProps, "dialogs" | "timeZone">) {
  const columns = shownColumns();
  const status = columns.find(({ id }) => id === "status");
  const facts = columns.filter((column) => column !== status);
  return (
    <ul class="log-cards">
      {dialogs.map((dialog) => (
        <li key={dialog.id} data-log-row={dialog.id}>
          <Link to={withQuery(`/log/${dialog.id}`)} class="log-card">
            <span class="log-card-head">
              <ContactCell dialog={dialog} />
              {status?.cell(dialog, timeZone)}
            </span>
            <dl class="log-card-facts">
              {facts.map((column) => {
                const value = column.cell(dialog, timeZone);
                if (value === "" || value === null || value === undefined) return null;
                return (
                  <div key={column.id}>
                    <dt class="muted">{t(column.label)}</dt>
                    <dd>{value}</dd>
                  </div>
                );
              })}
            </dl>
          </Link>
        </li>
      ))}
    </ul>
  );
}
