import { API, queryString } from "../../api/client";
import { chosenLogColumns } from "../../app/preferences";
import { currentSession } from "../../app/session";
import { isPhone } from "../../app/viewport";
import { t } from "../../i18n";
import { IconButton } from "../../ui/button";
import { Icon } from "../../ui/icons";
import { Menu, MenuItem } from "../../ui/menu";
import { COLUMNS, shownColumns, toggleColumn } from "./columns";
import { apiQuery, type LogFilters } from "./filters";

/** What is done with the list as a whole. */
export function LogTools({ filters, timeZone }: { filters: LogFilters; timeZone: string }) {
  const mayExport = currentSession().agent.role !== "agent";
  return (
    <div class="log-tools">
      {!isPhone.value && <ColumnChooser />}
      {mayExport && <ExportMenu filters={filters} timeZone={timeZone} />}
    </div>
  );
}

function ColumnChooser() {
  const shown = new Set(shownColumns().map((column) => column.id));
  return (
    <Menu
      label={t("log.columns")}
      button={(props) => <IconButton {...props} icon="columns" label={t("log.columns")} />}
    >
      {() => (
        <>
          {COLUMNS.map((column) => (
            <button
              key={column.id}
              type="button"
              class="menu-item"
              role="menuitemcheckbox"
              aria-checked={shown.has(column.id)}
              tabIndex={-1}
              onClick={() => toggleColumn(column.id)}
            >
              {t(column.label)}
            </button>
          ))}
          <div class="menu-foot">
            <MenuItem
              onSelect={() => {
                chosenLogColumns.value = null;
              }}
            >
              {t("log.reset-columns")}
            </MenuItem>
          </div>
        </>
      )}
    </Menu>
  );
}

const EXPORTS = [
  ["dialogs.csv", "log.export-dialogs"],
  ["messages.csv", "log.export-messages"],
] as const;

/** Files with exactly the dialogs that the filters select. */
function ExportMenu({ filters, timeZone }: { filters: LogFilters; timeZone: string }) {
  const query = queryString({ ...apiQuery(filters, timeZone), tz: timeZone });
  return (
    <Menu
      label={t("log.export")}
      button={(props) => (
        <button type="button" {...props} class="button button-plain">
          <Icon name="download" size={16} />
          {t("log.export")}
        </button>
      )}
    >
      {(close) =>
        EXPORTS.map(([file, key]) => (
          <a
            key={file}
            class="menu-item"
            role="menuitem"
            tabIndex={-1}
            href={`${API}/log/${file}${query}`}
            download
            onClick={close}
          >
            {t(key)}
          </a>
        ))
      }
    </Menu>
  );
}
