/** Scripts that log a run to this server as they stand. */

export interface SnippetValues {
  server: string;
  project: string;
  name: string;
  /** An API token, or "" where the script runs on the server's machine. */
  token: string;
}

export const TOKEN_PLACE = "axon_pat_YOUR_TOKEN";

export function pythonSnippet(values: SnippetValues): string {
  const name = values.name ? `, name=${quoted(values.name)}` : "";
  return `import math, random, time
import axonml

run = axonml.init(project=${quoted(values.project)}${name}, config={"lr": 0.01, "batch_size": 64})
for step in range(300):
    # your training step goes here
    loss = 2.3 * math.exp(-step / 80) + random.random() * 0.05
    run.log({"loss": loss, "accuracy": 1 - loss / 2.4}, step=step)
    if run.should_stop:  # Stop was pressed in the page
        break
    time.sleep(0.05)
run.finish()
`;
}

/** How to start the script; a machine other than the server's needs address and token. */
export function startSnippet(values: SnippetValues, isElsewhere: boolean): string {
  return withServer("python train.py", values, isElsewhere);
}

/** The script under `axon train`: its output is the run's log, its exit code the run's end. */
export function trainSnippet(values: SnippetValues, isElsewhere: boolean): string {
  const name = values.name ? ` --name=${shellQuoted(values.name)}` : "";
  const command = `axon train train.py --project=${shellQuoted(values.project)}${name}`;
  return withServer(command, values, isElsewhere);
}

function withServer(command: string, values: SnippetValues, isElsewhere: boolean): string {
  if (!isElsewhere) return command;
  return `export AXON_SERVER=${values.server}
export AXON_TOKEN=${values.token || TOKEN_PLACE}
${command}`;
}

export function curlSnippet(values: SnippetValues): string {
  const run = JSON.stringify({ name: values.name || "from curl", project: values.project });
  return `SERVER=${values.server}
AUTH="Authorization: Bearer ${values.token || TOKEN_PLACE}"
JSON="Content-Type: application/json"

RUN=$(curl -s "$SERVER/api/training/runs" -H "$AUTH" -H "$JSON" \\
  -d ${shellQuoted(run)} | grep -o '"id":"[^"]*"' | head -n 1 | cut -d'"' -f4)

for STEP in $(seq 1 50); do
  curl -s "$SERVER/api/training/runs/$RUN/metrics" -H "$AUTH" -H "$JSON" \\
    -d "{\\"metrics\\": [{\\"step\\": $STEP, \\"loss\\": $(awk "BEGIN { print 2 / $STEP }")}]}"
done

curl -s "$SERVER/api/training/runs/$RUN/finish" -H "$AUTH" -H "$JSON" -d '{"status": "completed"}'
`;
}

/** A Python string. JSON's is one, for text without lone surrogates. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

function shellQuoted(text: string): string {
  if (/^[\w./-]+$/.test(text) && !text.startsWith("-")) return text;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
