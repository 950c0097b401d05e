import { For, type JSX } from "solid-js";
import type { LimitInForce } from "~/api/types";
import { Card } from "~/components/Card/Card";
import { Table } from "~/components/Table/Table";
import { Listed } from "../Listed";
import { useLimits } from "./queries";
import styles from "./page.module.css";

const NAMES: Record<string, string> = {
  login: "Passwords of one account from one address",
  "login-address": "Passwords from one address",
  "login-account": "Passwords of one account",
  mfa: "Codes, in a short time",
  "mfa-hour": "Codes, in an hour",
  "mfa-day": "Codes, in a day",
  address: "Requests without signing in",
  user: "Requests of one account",
  "ingest-points": "Points logged by one account",
  "ingest-bytes": "Bytes logged by one account",
};
const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** How often somebody may come, and for how many the server is counting now. */
export function LimitsTab(): JSX.Element {
  const limits = useLimits();
  return (
    <Card flush>
      <p class={styles.pad}>
        Who goes over a limit gets 429 and is told when to come again; nobody is locked out for
        good. The budgets of requests are set in <code>config.toml</code> under{" "}
        <code>[limits]</code>.
      </p>
      <Listed pages={limits}>
        <Table
          caption="Limits"
          head={
            <>
              <th scope="col">What is counted</th>
              <th scope="col">For each</th>
              <th scope="col" data-numeric>
                At most
              </th>
              <th scope="col" data-numeric>
                Counted now
              </th>
            </>
          }
        >
          <For each={limits.data?.items}>
            {(limit) => (
              <tr>
                <th scope="row">{NAMES[limit.name] ?? limit.name}</th>
                <td>{limit.per}</td>
                <td data-numeric>{rateOf(limit)}</td>
                <td data-numeric>{limit.n_keys.toLocaleString()}</td>
              </tr>
            )}
          </For>
        </Table>
      </Listed>
    </Card>
  );
}

/** "10 in 5 minutes". */
function rateOf(limit: LimitInForce): string {
  const [size, unit] =
    limit.window_s >= DAY_S
      ? [DAY_S, "day"]
      : limit.window_s >= HOUR_S
        ? [HOUR_S, "hour"]
        : [MINUTE_S, "minute"];
  const count = limit.window_s / Number(size);
  const words = count === 1 ? `a ${unit}`.replace("a hour", "an hour") : `${count} ${unit}s`;
  return `${limit.n.toLocaleString()} in ${words}`;
}
