import type { ChannelKindList } from "../../api/types";
import { Link } from "../../app/router";
import { currentSession } from "../../app/session";
import { t } from "../../i18n";
import { ChannelMark } from "../../ui/channel-mark";
import { Empty, Failed, Skeleton } from "../../ui/empty";
import { Icon } from "../../ui/icons";
import { ChannelPage } from "./channel-page";
import { ConnectPage } from "./connect-page";
import { useKinds } from "./use-kinds";
import { fullName } from "./words";

interface ChannelPagesProps {
  /** An id, or ``new``. */
  channel: string;
  kind: string | null;
  provider: string | null;
}

/** The pages below Settings → Channels; only administrators have them. */
export function ChannelPages(shown: ChannelPagesProps) {
  const isAdministrator = currentSession().agent.role === "administrator";
  return (
    <main class="page scroller">
      <div class="page-column">
        <Link to="/settings/channels" class="page-back">
          <Icon name="back" size={16} />
          {t("channels.all")}
        </Link>
        {isAdministrator ? (
          <WithKinds {...shown} />
        ) : (
          <Empty icon="lock" title={t("channels.only-administrators")} />
        )}
      </div>
    </main>
  );
}

function WithKinds({ channel, kind, provider }: ChannelPagesProps) {
  const { kinds, failed, load } = useKinds();
  if (failed) {
    return <Failed text={t("channels.kinds-failed")} retryLabel={t("retry")} onRetry={() => void load()} />;
  }
  if (kinds === null) return <Skeleton rows={4} label={t("loading")} />;
  if (channel !== "new") return <ChannelPage key={channel} channelId={channel} kinds={kinds} />;
  const spec = kinds.items.find((each) => each.kind === kind && each.provider === provider);
  if (spec === undefined) return <KindChoice kinds={kinds} />;
  return <ConnectPage key={`${spec.kind}/${spec.provider}`} spec={spec} />;
}

function KindChoice({ kinds }: { kinds: ChannelKindList }) {
  return (
    <>
      <h1 class="page-title">{t("channels.add-title")}</h1>
      <p class="muted">{t("channels.add-explained")}</p>
      <ul class="kind-choice">
        {kinds.items.map((spec) => (
          <li key={`${spec.kind}/${spec.provider}`}>
            <Link
              to={`/settings/channels/new/${[spec.kind, spec.provider].filter(Boolean).join("/")}`}
              class="more-link"
            >
              <ChannelMark kind={spec.kind} size={20} />
              {fullName(spec)}
              <Icon name="next" size={16} />
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
