/** How an endpoint is asked, as something a person can begin with. */
import type { Endpoint, Signature, TensorSpec } from "./types";

/** The JSON `inputs` of one row of zeros that the signature takes. */
export function exampleInputs(signature: Signature): unknown {
  const [only] = signature.inputs;
  if (signature.inputs.length === 1 && only) return zeros(only);
  return Object.fromEntries(signature.inputs.map((spec) => [spec.name, zeros(spec)]));
}

function zeros(spec: TensorSpec): unknown {
  const sizes = spec.shape.map((size) => (size > 0 ? size : 1));
  const value = spec.dtype === "string" ? "" : spec.dtype === "bool" ? false : 0;
  const fill = (axis: number): unknown =>
    axis === sizes.length ? value : Array.from({ length: sizes[axis] ?? 1 }, () => fill(axis + 1));
  return fill(0);
}

/** How to ask the endpoint from a shell and from Python. */
export function snippets(endpoint: Endpoint, apiUrl: string): { curl: string; python: string } {
  const body = JSON.stringify({ inputs: exampleInputs(endpoint.signature) });
  const url = `${apiUrl}/api/inference/predict/${endpoint.name}`;
  return {
    curl: `curl ${url} \\\n  -H "Authorization: Bearer $AXON_TOKEN" \\\n  -d '${body}'`,
    python: `import os, httpx

answer = httpx.post(
    "${url}",
    headers={"authorization": f"Bearer {os.environ['AXON_TOKEN']}"},
    json=${body},
)
print(answer.json()["outputs"])`,
  };
}
