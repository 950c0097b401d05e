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
  // Not for each that comes: every row of a table would draw its time anew for each new row.
  if (watchers === 0) setNow(Date.now());
  watchers += 1;
  timer ??= setInterval(() => setNow(Date.now()), TICK_MS);
  onCleanup(() => {
    watchers -= 1;
    if (watchers > 0) return;
    clearInterval(timer);
    timer = undefined;
  });
  return now;
}

interface Formats {
  locale: string;
  date: Intl.DateTimeFormat;
  exact: Intl.DateTimeFormat;
  relative: Intl.RelativeTimeFormat;
}

let kept: Formats | undefined;

/** The formats of the locale, made once: making one takes longer than drawing a row. */
function formats(): Formats {
  const locale = currentLocale();
  if (kept?.locale !== locale) {
    kept = {
      locale,
      date: new Intl.DateTimeFormat(locale, { dateStyle: "medium" }),
      exact: new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" }),
      relative: new Intl.RelativeTimeFormat(locale, { numeric: "auto" }),
    };
  }
  return kept;
}

/** "3 minutes ago", or the date when that is over a week away. */
export function relativeTime(at: number, reference: number): string {
  const seconds = Math.round((at - reference) / 1000);
  const size = Math.abs(seconds);
  if (size > RELATIVE_UP_TO_S) {
    return formats().date.format(at);
  }
  const format = formats().relative;
  if (size < 10) return format.format(0, "second");
  if (size < MINUTE_S) return format.format(seconds, "second");
  if (size < HOUR_S) return format.format(Math.trunc(seconds / MINUTE_S), "minute");
  if (size < DAY_S) return format.format(Math.trunc(seconds / HOUR_S), "hour");
  return format.format(Math.trunc(seconds / DAY_S), "day");
}

/** A moment (RFC 3339): relative, with the exact one as its title. */
export function Time(props: { value: string | null | undefined }): JSX.Element {
  const reference = useNow();
  const exact = (value: string): string => formats().exact.format(Date.parse(value));
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
