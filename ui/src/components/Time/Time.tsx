import { type Accessor, createSignal, type JSX, onCleanup, Show } from "solid-js";
import { currentLocale } from "~/i18n/i18n";

const TICK_MS = 15_000;
const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;
const RELATIVE_UP_TO_S = 7 * DAY_S;

const [now, setNow] = createSignal(Date.now());
let watchers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** The time, in steps of 15 s; one timer for all who watch. */
export function useNow(): Accessor<number> {
  watchers += 1;
  setNow(Date.now());
  timer ??= setInterval(() => setNow(Date.now()), TICK_MS);
  onCleanup(() => {
    watchers -= 1;
    if (watchers > 0) return;
    clearInterval(timer);
    timer = undefined;
  });
  return now;
}

/** "3 minutes ago", or the date when that is over a week away. */
export function relativeTime(at: number, reference: number): string {
  const seconds = Math.round((at - reference) / 1000);
  const size = Math.abs(seconds);
  if (size > RELATIVE_UP_TO_S) {
    return new Intl.DateTimeFormat(currentLocale(), { dateStyle: "medium" }).format(at);
  }
  const format = new Intl.RelativeTimeFormat(currentLocale(), { numeric: "auto" });
  if (size < 10) return format.format(0, "second");
  if (size < MINUTE_S) return format.format(seconds, "second");
  if (size < HOUR_S) return format.format(Math.trunc(seconds / MINUTE_S), "minute");
  if (size < DAY_S) return format.format(Math.trunc(seconds / HOUR_S), "hour");
  return format.format(Math.trunc(seconds / DAY_S), "day");
}

/** A moment (RFC 3339): relative, with the exact one as its title. */
export function Time(props: { value: string | null | undefined }): JSX.Element {
  const reference = useNow();
  const exact = (value: string): string =>
    new Intl.DateTimeFormat(currentLocale(), { dateStyle: "medium", timeStyle: "medium" }).format(
      Date.parse(value),
    );
  return (
    <Show when={props.value} fallback={<span>–</span>}>
      {(value) => (
        <time datetime={value()} title={exact(value())}>
          {relativeTime(Date.parse(value()), reference())}
        </time>
      )}
    </Show>
  );
}

/** How long from `from` to `to` (now while it is open): "1 h 02 min", "3 min 05 s". */
export function Duration(props: { from: string; to?: string | null }): JSX.Element {
  const reference = useNow();
  const end = (): number => (props.to ? Date.parse(props.to) : reference());
  return <span class="figures">{durationText((end() - Date.parse(props.from)) / 1000)}</span>;
}

export function durationText(seconds: number): string {
  if (seconds < 0) return "0 s";
  if (seconds < MINUTE_S) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  if (whole < HOUR_S) return `${Math.floor(whole / MINUTE_S)} min ${two(whole % MINUTE_S)} s`;
  const hours = Math.floor(whole / HOUR_S);
  const minutes = Math.floor((whole % HOUR_S) / MINUTE_S);
  if (hours < 48) return `${hours} h ${two(minutes)} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
