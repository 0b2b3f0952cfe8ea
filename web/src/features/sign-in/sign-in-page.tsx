import { useEffect, useRef, useState } from "preact/hooks";

import { isProblem } from "../../api/problem";
import { address, navigate } from "../../app/router";
import { sessionExpired, signIn } from "../../app/session";
import { LanguagePicker } from "../settings/language-picker";
import { t } from "../../i18n";
import { refusalText } from "../../i18n/refusal";
import { Button } from "../../ui/button";
import { Logo } from "../../ui/logo";
import { safeReturn } from "./safe-return";

export function SignInPage() {
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  useEffect(() => email.current?.focus(), []);

  const submit = async (form: FormData): Promise<void> => {
    setBusy(true);
    setProblem(null);
    const next = safeReturn(address.peek().query.get("next"));
    try {
      await signIn(String(form.get("email")).trim(), String(form.get("password")));
      navigate(next, { replace: true });
    } catch (error) {
      setProblem(problemText(error));
      setBusy(false);
      // Most often it is what has to be typed again.
      password.current?.select();
    }
  };

  return (
    <main class="sign-in">
      <form
        class="sign-in-card"
        aria-label={t("sign-in.title")}
        onSubmit={(event) => {
          event.preventDefault();
          void submit(new FormData(event.currentTarget));
        }}
      >
        <Logo />
        <h1>{t("sign-in.title")}</h1>
        {sessionExpired.value && problem === null && <p class="notice">{t("sign-in.expired")}</p>}
        {problem !== null && (
          <p class="notice notice-danger" role="alert">
            {problem}
          </p>
        )}
        <label class="field">
          <span>{t("sign-in.email")}</span>
          <input ref={email} class="input" name="email" type="email" autocomplete="username" required />
        </label>
        <label class="field">
          <span>{t("sign-in.password")}</span>
          <input
            ref={password}
            class="input"
            name="password"
            type="password"
            autocomplete="current-password"
            required
          />
        </label>
        <Button kind="primary" type="submit" disabled={busy}>
          {t("sign-in.submit")}
        </Button>
        <LanguagePicker />
      </form>
    </main>
  );
}

function problemText(error: unknown): string {
  if (!isProblem(error)) return t("sign-in.unreachable");
  if (error.status === 429) {
    const seconds = Number(error.body["retryAfter"] ?? 60);
    return t("sign-in.throttled", { n: Math.ceil(seconds / 60) });
  }
  return error.status === 401 ? t("sign-in.wrong") : refusalText(error);
}
