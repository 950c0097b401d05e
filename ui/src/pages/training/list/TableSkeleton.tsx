import { Index, type JSX } from "solid-js";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import styles from "./page.module.css";

const ROWS = 14;

/** Holds the place of the table, row by row at its final height. */
export function TableSkeleton(): JSX.Element {
  return (
    <div class={styles.skeleton} role="status" aria-label="Loading the runs">
      <Index each={Array.from({ length: ROWS })}>
        {(_, index) => (
          <div>
            <Skeleton height="0.75rem" width={`${9 + ((index * 7) % 11)}rem`} />
          </div>
        )}
      </Index>
    </div>
  );
}
