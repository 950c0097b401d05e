/** Query keys of training, so that every page patches the same entries. */
export const runsKey = ["training", "runs"] as const;
export const runKey = (id: string) => ["training", "run", id] as const;
export const seriesKey = (id: string) => ["training", "series", id] as const;
