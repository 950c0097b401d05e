import KeyRound from "lucide-solid/icons/key-round";
import Plus from "lucide-solid/icons/plus";
import { createSignal, For, type JSX, Match, Show, Switch } from "solid-js";
import { queryClient } from "~/api/query-client";
import type { ApiToken } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Modal } from "~/components/Modal/Modal";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { Table } from "~/components/Table/Table";
import { Time } from "~/components/Time/Time";
import { toast } from "~/components/toast/toast";
import { t } from "~/i18n/i18n";
import { NewTokenModal } from "./NewTokenModal";
import styles from "./page.module.css";
import { useRevokeToken, useTokens } from "./queries";

/** What may act for me: tokens for scripts, each with its scopes and its end. */
export function TokensCard(): JSX.Element {
  const tokens = useTokens();
  const [isMaking, setIsMaking] = createSignal(false);
  const [doomed, setDoomed] = createSignal<ApiToken | null>(null);
  const shown = (): ApiToken[] => tokens.data?.items ?? [];

  return (
    <Card
      title={t("tokens.title")}
      flush
      actions={
        <Button size="small" icon={<Plus size={14} />} onClick={() => setIsMaking(true)}>
          {t("tokens.new")}
        </Button>
      }
    >
      <Switch>
        <Match when={tokens.data && shown().length > 0}>
          <TokenTable tokens={shown()} onRevoke={setDoomed} />
        </Match>
        <Match when={tokens.data}>
          <EmptyState
            title={t("tokens.none")}
            icon={<KeyRound size={20} />}
            command="export AXON_TOKEN=axon_pat_…"
          >
            {t("tokens.noneText")}
          </EmptyState>
        </Match>
        <Match when={tokens.isError}>
          <div class={styles.pad}>
            <ErrorNotice error={tokens.error} onRetry={() => void tokens.refetch()} />
          </div>
        </Match>
        <Match when={tokens.isPending}>
          <div class={styles.pad}>
            <Skeleton height="6rem" />
          </div>
        </Match>
      </Switch>
      <NewTokenModal
        open={isMaking()}
        onClose={() => {
          setIsMaking(false);
          void queryClient.invalidateQueries({ queryKey: ["auth", "tokens"] });
        }}
      />
      <RevokeModal token={doomed()} onClose={() => setDoomed(null)} />
    </Card>
  );
}

/** Asks first, and then revokes at once: a leaked token must not live on while an Undo shows. */
function RevokeModal(props: { token: ApiToken | null; onClose: () => void }): JSX.Element {
  const revoke = useRevokeToken();
  const commit = (token: ApiToken | null): void => {
    if (!token) return;
    revoke.mutate(token.id, {
      onSuccess: () => {
        toast(t("tokens.revoked", { name: token.name }), { kind: "success" });
        props.onClose();
      },
    });
  };
  return (
    <Modal
      open={props.token !== null}
      onClose={props.onClose}
      title={t("tokens.revokeTitle", { name: props.token?.name ?? "" })}
      actions={
        <>
          <Button variant="ghost" onClick={props.onClose}>
            {t("tokens.cancel")}
          </Button>
          <Button variant="danger" busy={revoke.isPending} onClick={() => commit(props.token)}>
            {t("tokens.revoke")}
          </Button>
        </>
      }
    >
      <p>{t("tokens.revokeText")}</p>
      <Show when={revoke.error}>
        <ErrorNotice error={revoke.error} />
      </Show>
    </Modal>
  );
}

function TokenTable(props: {
  tokens: ApiToken[];
  onRevoke: (token: ApiToken) => void;
}): JSX.Element {
  return (
    <Table
      caption={t("tokens.title")}
      head={
        <>
          <th scope="col">{t("login.name")}</th>
          <th scope="col">{t("tokens.scopes")}</th>
          <th scope="col">{t("tokens.lastUsed")}</th>
          <th scope="col">{t("tokens.expires")}</th>
          <th scope="col">
            <span class="visually-hidden">{t("tokens.revoke")}</span>
          </th>
        </>
      }
    >
      <For each={props.tokens}>
        {(token) => (
          <tr>
            <th scope="row">{token.name}</th>
            <td>
              <span class={styles.scopes}>
                <For each={token.scopes}>
                  {(scope) => <span class={styles.scope}>{scope}</span>}
                </For>
              </span>
            </td>
            <td>
              <Show when={token.last_used_at} fallback={t("tokens.never")}>
                {(at) => <Time value={at()} />}
              </Show>
            </td>
            <td class={isOver(token) ? styles.over : undefined}>
              <Time value={token.expires_at} />
            </td>
            <td data-numeric>
              <Button
                size="small"
                variant="ghost"
                aria-label={`${t("tokens.revoke")}: ${token.name}`}
                onClick={() => props.onRevoke(token)}
              >
                {t("tokens.revoke")}
              </Button>
            </td>
          </tr>
        )}
      </For>
    </Table>
  );
}

function isOver(token: ApiToken): boolean {
  return token.expires_at !== null && Date.parse(token.expires_at) < Date.now();
}
