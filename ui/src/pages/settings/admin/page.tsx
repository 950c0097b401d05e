import { useSearchParams } from "@solidjs/router";
import { type JSX, Match, Switch } from "solid-js";
import { Card } from "~/components/Card/Card";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { Tabs } from "~/components/Tabs/Tabs";
import { useSession } from "~/session/session";
import { AllSessionsTab } from "./AllSessionsTab";
import { AuditTab } from "./AuditTab";
import { LimitsTab } from "./LimitsTab";
import { PeopleTab } from "./PeopleTab";
import { ServerTab } from "./ServerTab";

const TABS = [
  { value: "people", label: "People" },
  { value: "sessions", label: "Sessions" },
  { value: "audit", label: "Audit log" },
  { value: "limits", label: "Limits" },
  { value: "server", label: "Server" },
] as const;
type Tab = (typeof TABS)[number]["value"];

/** Who may do what here, what happened, and how the server does. */
export default function AdminPage(): JSX.Element {
  const session = useSession();
  const [query, setQuery] = useSearchParams<{ tab: string }>();
  const tab = (): Tab => TABS.find((one) => one.value === query.tab)?.value ?? "people";
  return (
    <>
      <PageHeader title="Administration" />
      <Switch>
        <Match when={session.user()?.role === "admin"}>
          <Tabs
            label="Administration"
            items={TABS}
            value={tab()}
            onChange={(value) => setQuery({ tab: value === "people" ? undefined : value })}
          >
            <Switch>
              <Match when={tab() === "people"}>
                <PeopleTab />
              </Match>
              <Match when={tab() === "sessions"}>
                <AllSessionsTab />
              </Match>
              <Match when={tab() === "audit"}>
                <AuditTab />
              </Match>
              <Match when={tab() === "limits"}>
                <LimitsTab />
              </Match>
              <Match when={tab() === "server"}>
                <ServerTab />
              </Match>
            </Switch>
          </Tabs>
        </Match>
        <Match when={session.user()}>
          <Card>
            <EmptyState title="For administrators">
              Your role is {session.user()?.role}. Administrators of this server manage people and
              see its audit log here.
            </EmptyState>
          </Card>
        </Match>
      </Switch>
    </>
  );
}
