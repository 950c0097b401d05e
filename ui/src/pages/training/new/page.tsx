import { A, useSearchParams } from "@solidjs/router";
import { type JSX, Match, Switch } from "solid-js";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { Tabs } from "~/components/Tabs/Tabs";
import { FromDashboard } from "./FromDashboard";
import { FromEntrypoint } from "./FromEntrypoint";
import { FromScript } from "./FromScript";
import styles from "./page.module.css";

const WAYS = ["dashboard", "entrypoint", "script"] as const;
type Way = (typeof WAYS)[number];

const SUBTITLES: Record<Way, string> = {
  dashboard: "Real training on real data, in a process of its own on the server’s machine.",
  entrypoint: "A script of the server’s machine, started there with your arguments.",
  script: "A run begins when a script logs to it. Copy this, start it, and watch.",
};

/** /training/new: a run that the server starts, or one that a script of one's own logs. */
export default function NewRunPage(): JSX.Element {
  const [query, setQuery] = useSearchParams<{ way?: string; from?: string }>();
  const way = (): Way => WAYS.find((each) => each === query.way) ?? "dashboard";
  return (
    <>
      <PageHeader
        title={query.from && way() === "dashboard" ? "Run again with changes" : "New run"}
        above={<A href="/training">Training</A>}
        subtitle={SUBTITLES[way()]}
      />
      <div class={styles.ways}>
        <Tabs<Way>
          label="Where the run starts"
          value={way()}
          onChange={(chosen) => setQuery({ way: chosen === "dashboard" ? undefined : chosen })}
          items={[
            { value: "dashboard", label: "From the dashboard" },
            { value: "entrypoint", label: "A script of the server" },
            { value: "script", label: "From your script" },
          ]}
        >
          <Switch>
            <Match when={way() === "script"}>
              <FromScript />
            </Match>
            <Match when={way() === "entrypoint"}>
              <FromEntrypoint />
            </Match>
            <Match when={way() === "dashboard"}>
              <FromDashboard />
            </Match>
          </Switch>
        </Tabs>
      </div>
    </>
  );
}
