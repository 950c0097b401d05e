import Copy from "lucide-solid/icons/copy";
import Download from "lucide-solid/icons/download";
import Printer from "lucide-solid/icons/printer";
import { For, type JSX, Show } from "solid-js";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { copyText } from "~/components/CopyField/CopyField";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Modal } from "~/components/Modal/Modal";
import { saveFile } from "~/components/save-file";
import { toast } from "~/components/toast/toast";
import { t } from "~/i18n/i18n";
import { useRecoveryCodes } from "./queries";
import styles from "./page.module.css";

const FEW = 3;

/** How many recovery codes are left, and new ones. */
export function RecoveryCard(props: {
  isOn: boolean;
  left: number;
  onCodes: (codes: readonly string[]) => void;
}): JSX.Element {
  const renew = useRecoveryCodes();
  const start = (): void => {
    renew.mutate(undefined, { onSuccess: (answer) => props.onCodes(answer.recovery_codes) });
  };
  return (
    <Card title={t("recovery.title")}>
      <div class={styles.form}>
        <Show when={props.isOn} fallback={<p class={styles.faint}>{t("recovery.off")}</p>}>
          <p class={props.left <= FEW ? styles.over : styles.faint}>
            {t("recovery.left", { count: props.left })}
          </p>
          <Show when={renew.error}>
            <ErrorNotice error={renew.error} />
          </Show>
          <div class={styles.foot}>
            <Button busy={renew.isPending} onClick={start}>
              {t("recovery.renew")}
            </Button>
            <span class={styles.faint}>{t("recovery.voids")}</span>
          </div>
        </Show>
      </div>
    </Card>
  );
}

/** Shows new codes this once: to copy, to keep as a file, to print. */
export function RecoveryCodesModal(props: {
  codes: readonly string[];
  onClose: () => void;
}): JSX.Element {
  const text = (): string => `${props.codes.join("\n")}\n`;
  const copy = async (): Promise<void> => {
    await copyText(text());
    toast(t("recovery.copied"), { kind: "success" });
  };
  return (
    <Modal
      open={props.codes.length > 0}
      onClose={props.onClose}
      title={t("recovery.title")}
      actions={
        <Button variant="primary" onClick={props.onClose}>
          {t("recovery.saved")}
        </Button>
      }
    >
      <p>{t("recovery.once")}</p>
      <ol class={styles.codes}>
        <For each={props.codes}>
          {(code) => (
            <li>
              <code>{code}</code>
            </li>
          )}
        </For>
      </ol>
      <div class={styles.foot}>
        <Button size="small" icon={<Copy size={14} />} onClick={() => void copy()}>
          {t("recovery.copy")}
        </Button>
        <Button
          size="small"
          icon={<Download size={14} />}
          onClick={() => saveFile("axonml-recovery-codes.txt", new Blob([text()]))}
        >
          {t("recovery.download")}
        </Button>
        <Button size="small" icon={<Printer size={14} />} onClick={() => window.print()}>
          {t("recovery.print")}
        </Button>
      </div>
    </Modal>
  );
}
