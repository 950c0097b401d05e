import { useNavigate } from "@solidjs/router";
import Box from "lucide-solid/icons/box";
import ChartLine from "lucide-solid/icons/chart-line";
import Zap from "lucide-solid/icons/zap";
import { createEffect, For, type JSX, Match, Switch } from "solid-js";
import { ButtonLink } from "~/components/Button/Button";
import { CodeBlock } from "~/components/CopyField/CopyField";
import { useSession } from "~/session/session";
import { ThemeMenu } from "~/shell/ThemeMenu";
import { useAuthState } from "~/session/auth-state";
import { useHealth } from "../queries";
import styles from "./page.module.css";

const PROMISES = [
  {
    icon: ChartLine,
    title: "Watch it train",
    text: "Loss, accuracy, learning rate, CPU and memory, live while the script runs. A point that the server acknowledged is on disk.",
  },
  {
    icon: Box,
    title: "Keep every version",
    text: "Models with their files, checksums, signature, metrics and the run they came from. Aliases say which one is in use.",
  },
  {
    icon: Zap,
    title: "Serve predictions",
    text: "Deploy a version with one press, try it in the page, and see requests and latency percentiles as they happen.",
  },
];

const SNIPPET = `import axonml

run = axonml.init(project="digits", config={"lr": 1e-3})
for step, batch in enumerate(loader):
    run.log({"loss": train(batch)}, step=step)
run.log_model("model.onnx", name="digits")
run.finish()`;

/** What this is, whether the server is well, and the way in. */
export default function LandingPage(): JSX.Element {
  const session = useSession();
  const navigate = useNavigate();
  document.title = "AxonML";
  createEffect(() => {
    if (session.state() === "signed-in") navigate("/dashboard", { replace: true });
  });
  return (
    <div class={styles.page}>
      <header class={styles.top}>
        <span class={styles.brand}>
          <img src="/logo.svg" alt="" width="28" height="28" />
          AxonML
        </span>
        <div class={styles.right}>
          <Health />
          <ThemeMenu />
        </div>
      </header>
      <main class={styles.main}>
        <section class={styles.hero}>
          <div>
            <h1 class={styles.title}>Train, keep and serve models in one place</h1>
            <p class={styles.lead}>
              A dashboard for machine learning that runs on your own machine: one command, one
              folder of data, nothing sent anywhere else.
            </p>
            <div class={styles.actions}>
              <SignInLink />
            </div>
          </div>
          <CodeBlock text={SNIPPET} language="python" label="The lines that log a training run" />
        </section>
        <ul class={styles.promises}>
          <For each={PROMISES}>
            {(promise) => (
              <li class={styles.promise}>
                <span class={styles.icon}>
                  <promise.icon size={22} aria-hidden="true" />
                </span>
                <h2>{promise.title}</h2>
                <p>{promise.text}</p>
              </li>
            )}
          </For>
        </ul>
      </main>
    </div>
  );
}

function SignInLink(): JSX.Element {
  const auth = useAuthState();
  return (
    <ButtonLink href="/login" variant="primary" size="large">
      {auth.data?.has_users === false ? "Make the first account" : "Sign in"}
    </ButtonLink>
  );
}

function Health(): JSX.Element {
  const health = useHealth();
  const auth = useAuthState();
  return (
    <span class={styles.health} role="status">
      <Switch fallback="Asking the server…">
        <Match when={health.isError}>
          <span class={styles.bad} aria-hidden="true" />
          The server does not answer
        </Match>
        <Match when={health.isSuccess}>
          <span class={styles.good} aria-hidden="true" />
          <span class={styles.healthText}>
            Server ready
            {auth.data ? ` · ${auth.data.version}` : ""}
          </span>
        </Match>
      </Switch>
    </span>
  );
}
