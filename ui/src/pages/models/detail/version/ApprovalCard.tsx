import { createSignal, type JSX, Show } from "solid-js";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, TextInput } from "~/components/Field/Field";
import { Time } from "~/components/Time/Time";
import { createAct } from "../../parts/act";
import { isAdmin } from "../../parts/rights";
import { approve, withdrawApproval } from "../../version-queries";
import styles from "../page.module.css";
import type { VersionProps } from "./VersionView";

/** Whether a version may be deployed: everybody sees it, an administrator decides it. */
export function ApprovalCard(props: VersionProps): JSX.Element {
  const [reason, setReason] = createSignal("");
  const act = createAct();
  const decide = (event: SubmitEvent): void => {
    event.preventDefault();
    const { model, version } = props;
    const why = reason().trim();
    void act.run(
      () =>
        version.approval
          ? withdrawApproval(model.id, version.version, why)
          : approve(model.id, version.version, why),
      () => setReason(""),
    );
  };
  return (
    <Card title="Approval">
      <Show
        when={props.version.approval}
        fallback={
          <p>
            Nobody approved v{props.version.version} yet
            {props.model.requires_approval ? "; it cannot be deployed before." : "."}
          </p>
        }
      >
        {(approval) => (
          <>
            <p>
              Approved by {approval().by_name || "an administrator"}, <Time value={approval().at} />
            </p>
            <Show when={approval().reason}>
              <p class={styles.description}>“{approval().reason}”</p>
            </Show>
          </>
        )}
      </Show>
      <Show
        when={isAdmin()}
        fallback={
          <Show when={!props.version.approval}>
            <p class={styles.soft}>Administrators approve versions; ask one.</p>
          </Show>
        }
      >
        <form class={styles.decide} onSubmit={decide}>
          <Field label="Reason">
            <TextInput
              value={reason()}
              maxlength="512"
              required={!props.version.approval}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          </Field>
          <Show when={act.problem()}>{(problem) => <ErrorNotice error={problem()} />}</Show>
          <div class={styles.buttons}>
            <Button
              type="submit"
              variant={props.version.approval ? "secondary" : "primary"}
              busy={act.isBusy()}
            >
              {props.version.approval ? "Withdraw the approval" : "Approve"}
            </Button>
          </div>
        </form>
      </Show>
    </Card>
  );
}
