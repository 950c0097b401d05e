/**
 * The only socket of the page: many runs on one connection.
 *
 * What it promises a watcher: frames of its run after its cursor, in order, batched once an
 * animation frame; after a lost connection it goes on from the last cursor, so that nothing is
 * missed. A batch may come twice (points carry step and wall time: who keeps them drops repeats).
 * Where the server dropped frames it says `onGap`: read the history again.
 */
import { createSignal } from "solid-js";
import { freshToken, renew } from "./access";
import { socketUrl } from "./base";
import { Problem } from "./problem";
import { reportReachable } from "./reachable";
import type { LogEntry, MetricNumber, RunStatus } from "./types";

export interface ColumnsFrame {
  type: "columns";
  run: string;
  seq: number;
  names: string[];
  step: number[];
  wall_ms: number[];
  values: MetricNumber[][];
}

export interface StatusData {
  status: RunStatus;
  completed_at: string | null;
  reason: string;
  stop_requested: boolean;
}

export interface Watcher {
  onColumns?: (frames: readonly ColumnsFrame[]) => void;
  /** Also the answer to each subscription: what comes after it is sent, what came before is not. */
  onStatus?: (data: StatusData) => void;
  /** Lines are not sent again after a lost connection: read on from the last one. */
  onLog?: (lines: readonly LogEntry[]) => void;
  onGap?: () => void;
  /** The script asks people to look. */
  onAlert?: (alert: AlertData) => void;
  /** An image, a table, a file has arrived: read its list again. */
  onMedia?: () => void;
}

export interface AlertData {
  title: string;
  text: string;
  level: "info" | "warning" | "error";
}

export type LiveState = "off" | "connecting" | "open" | "waiting";

type Frame =
  | ColumnsFrame
  | { type: "status"; run: string; data: StatusData }
  | { type: "log"; run: string; data: { lines: LogEntry[] } }
  | { type: "alert"; run: string; data: AlertData }
  | { type: "media"; run: string; data: { kind: string; key: string; step: number } }
  | { type: "gap"; run?: string; data: { dropped: number } }
  | { type: "error"; run: string; data: { code: string; detail: string } }
  | { type: "ping" };

interface Watched {
  watchers: Set<Watcher>;
  /**
   * Where a new connection goes on: just before the last cursor seen, since several messages may
   * carry the same cursor and the connection may have broken between them.
   */
  resume: number | undefined;
}

const PATH = "/api/training/stream";
const TOKEN_ENDED = 4401;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20_000;
const HIDDEN_MS = 15_000;

const [state, setState] = createSignal<LiveState>("off");
const [lagMs, setLagMs] = createSignal<number | null>(null);

/** How the connection is. */
export const liveState = state;

/** How long the newest point took from the script's `log()` to this page; null before the first. */
export const liveLagMs = lagMs;

const runs = new Map<string, Watched>();
let socket: WebSocket | null = null;
let attempt = 0;
let retry: ReturnType<typeof setTimeout> | undefined;
let hiding: ReturnType<typeof setTimeout> | undefined;
let inbox: Frame[] = [];
let isDraining = false;

/** Watch a run from `since` on (from now on without it); returns how to stop. */
export function watchRun(run: string, watcher: Watcher, since?: number): () => void {
  let watched = runs.get(run);
  if (!watched) {
    watched = { watchers: new Set(), resume: since };
    runs.set(run, watched);
    say({ subscribe: [wish(run, since)] });
  } else {
    // The status comes anew with each subscription: a late watcher wants it too.
    say({ subscribe: [wish(run, since ?? watched.resume)] });
    // Before a first frame the earliest cursor counts: this may be all that the opening says.
    if (since !== undefined) watched.resume = Math.min(since, watched.resume ?? since);
  }
  watched.watchers.add(watcher);
  connect();
  return () => {
    watched.watchers.delete(watcher);
    if (watched.watchers.size > 0 || runs.get(run) !== watched) return;
    runs.delete(run);
    say({ unsubscribe: [run] });
    if (runs.size === 0) close();
  };
}

function wish(run: string, since: number | undefined): string | { run: string; since: number } {
  return since === undefined ? run : { run, since };
}

function say(message: object): void {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function connect(): void {
  if (socket || retry || runs.size === 0 || document.visibilityState === "hidden") return;
  setState("connecting");
  retry = setTimeout(() => void open(), 0);
}

async function open(): Promise<void> {
  const token = await freshToken();
  retry = undefined;
  if (token === null || runs.size === 0) {
    setState("off");
    return;
  }
  const opened = new WebSocket(socketUrl(PATH), ["axon.v1", `bearer.${token}`]);
  socket = opened;
  opened.addEventListener("open", () => {
    attempt = 0;
    setState("open");
    reportReachable(true);
    say({ subscribe: [...runs].map(([run, watched]) => wish(run, watched.resume)) });
  });
  opened.addEventListener("message", (event: MessageEvent<string>) => receive(event.data));
  opened.addEventListener("close", (event) => {
    if (socket !== opened) return; // closed by us
    socket = null;
    void closed(event.code);
  });
}

async function closed(code: number): Promise<void> {
  if (runs.size === 0 || document.visibilityState === "hidden") {
    setState("off");
    return;
  }
  setState("waiting");
  if (code === TOKEN_ENDED) {
    const renewed = await renew();
    if (renewed instanceof Problem && renewed.status !== 0) {
      setState("off");
      return;
    }
  }
  attempt += 1;
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
  // Jitter, so that a server that comes back is not met by all pages at once.
  retry ??= setTimeout(() => void open(), longest * (0.5 + Math.random() / 2));
}

function close(): void {
  clearTimeout(retry);
  retry = undefined;
  const left = socket;
  socket = null;
  left?.close(1000);
  setState("off");
}

function receive(text: string): void {
  const frame = JSON.parse(text) as Frame;
  if (frame.type === "ping") return;
  inbox.push(frame);
  if (isDraining) return;
  isDraining = true;
  requestAnimationFrame(drain);
}

/** Hand everything that came since the last animation frame to those who watch. */
function drain(): void {
  isDraining = false;
  const frames = inbox;
  inbox = [];
  const columns = new Map<string, ColumnsFrame[]>();
  for (const frame of frames) {
    if (frame.type === "columns") {
      note(frame);
      const list = columns.get(frame.run);
      if (list) list.push(frame);
      else columns.set(frame.run, [frame]);
    } else if (frame.type === "status") {
      tell(frame.run, (watcher) => watcher.onStatus?.(frame.data));
    } else if (frame.type === "log") {
      tell(frame.run, (watcher) => watcher.onLog?.(frame.data.lines));
    } else if (frame.type === "alert") {
      tell(frame.run, (watcher) => watcher.onAlert?.(frame.data));
    } else if (frame.type === "media") {
      tell(frame.run, (watcher) => watcher.onMedia?.());
    } else if (frame.type === "gap") {
      for (const run of frame.run ? [frame.run] : runs.keys()) {
        tell(run, (watcher) => watcher.onGap?.());
      }
    }
  }
  for (const [run, list] of columns) tell(run, (watcher) => watcher.onColumns?.(list));
}

function note(frame: ColumnsFrame): void {
  const watched = runs.get(frame.run);
  if (watched) watched.resume = frame.seq - 1;
  const newest = frame.wall_ms.at(-1);
  if (newest !== undefined) setLagMs(Math.max(0, Date.now() - newest));
}

function tell(run: string, say_: (watcher: Watcher) => void): void {
  for (const watcher of runs.get(run)?.watchers ?? []) say_(watcher);
}

// A page that nobody sees needs no frames; when it is seen again it goes on from its cursors.
document.addEventListener("visibilitychange", () => {
  clearTimeout(hiding);
  if (document.visibilityState === "hidden") hiding = setTimeout(close, HIDDEN_MS);
  else connect();
});

/** A number as it travels: the words for what JSON cannot say. */
export function numberOf(value: MetricNumber): number {
  return typeof value === "number" ? value : Number(value);
}
