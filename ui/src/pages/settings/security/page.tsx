import { A } from "@solidjs/router";
import ShieldCheck from "lucide-solid/icons/shield-check";
import type { JSX } from "solid-js";
import { Card } from "~/components/Card/Card";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { PageHeader } from "~/components/PageHeader/PageHeader";

/** Second factors; not there yet, and says so. */
export default function SecurityPage(): JSX.Element {
  return (
    <>
      <PageHeader title="Security" />
      <Card>
        <EmptyState title="Second factors are not here yet" icon={<ShieldCheck size={22} />}>
          Passkeys, one-time codes and recovery codes will be set up on this page. Until then a
          password and short-lived sessions protect the account. Working today on the{" "}
          <A href="/settings/profile">profile page</A>: change the password, revoke API tokens, sign
          other devices out.
        </EmptyState>
      </Card>
    </>
  );
}
