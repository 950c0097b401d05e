import { createSignal } from "solid-js";

const [reachable, setReachable] = createSignal(true);

/** Whether the last call reached the server; the reconnect banner shows while it is false. */
export const isReachable = reachable;

/** Say how a call went: every fetch and every socket reports here. */
export function reportReachable(reached: boolean): void {
  setReachable(reached);
}
