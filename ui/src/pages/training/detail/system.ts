/** The figures of the machine, as the SDK names them: where they are shown, and in which unit. */
import type { Unit } from "~/charts/units";

const GPU = "GPU";
/** The script's own process and all that it has started. */
const SCRIPT = "Script";
const MACHINE = "Whole machine";

const PLACES: Readonly<Record<string, readonly [group: string, chart: string]>> = {
  gpu_util: [GPU, "GPU use"],
  memory_mb: [SCRIPT, "Memory of the script"],
  "system/process.cpu": [SCRIPT, "CPU of the script"],
  "system/process.count": [SCRIPT, "Processes of the script"],
  "system/cpu": [MACHINE, "CPU"],
  "system/memory_mb": [MACHINE, "Memory"],
  "system/disk_used": [MACHINE, "Disk space used"],
  "system/disk_read_mb_s": [MACHINE, "Disk reads"],
  "system/disk_write_mb_s": [MACHINE, "Disk writes"],
  "system/net_sent_mb_s": [MACHINE, "Network sent"],
  "system/net_recv_mb_s": [MACHINE, "Network received"],
};
/** One chart for each of these, with a line for each GPU. */
const OF_GPUS: Readonly<Record<string, string>> = {
  util: "GPU use",
  memory_mb: "GPU memory",
  power_w: "GPU power",
  temperature_c: "GPU temperature",
};
const OF_GPU = /^system\/gpu\.\d+\.(\w+)$/;
const OTHER = /^(?:system|sys)\/(.+)$|^(gpu\..+)$/;
const KIB = 1024;
/** A share above this is none: a script of its own logged it in %. */
const MOST_SHARE = 2;

type Place = readonly [group: string, chart: string];

/** Asked for every line at every frame of a live run. */
const asked = new Map<string, Place | null>();

/** The group and the chart of a figure of the machine; null for a metric of the model. */
export function systemPlace(name: string): Place | null {
  let place = asked.get(name);
  if (place === undefined) {
    place = placeOf(name);
    asked.set(name, place);
  }
  return place;
}

function placeOf(name: string): Place | null {
  const known = PLACES[name];
  if (known) return known;
  const ofGpus = OF_GPU.exec(name)?.[1];
  if (ofGpus) return [GPU, OF_GPUS[ofGpus] ?? `GPU ${ofGpus}`];
  const other = OTHER.exec(name);
  return other && (other[2] ? [GPU, other[2]] : [MACHINE, other[1] ?? name]);
}

/** The unit that suits values up to `highest`; undefined where the name tells of none. */
export function systemUnit(name: string, highest: number): Unit | undefined {
  if (!systemPlace(name)) return undefined;
  if (/(^|[./_])(cpu|util|disk_used)$/.test(name)) {
    return highest <= MOST_SHARE ? { name: "%", per: 0.01 } : undefined;
  }
  if (name.endsWith("_mb_s")) {
    if (highest < 0.1) return { name: "KiB/s", per: 1 / KIB };
    return highest < KIB ? { name: "MiB/s", per: 1 } : { name: "GiB/s", per: KIB };
  }
  if (name.endsWith("memory_mb")) {
    return highest < KIB ? { name: "MiB", per: 1 } : { name: "GiB", per: KIB };
  }
  if (name.endsWith("power_w")) return { name: "W", per: 1 };
  return name.endsWith("temperature_c") ? { name: "°C", per: 1 } : undefined;
}
