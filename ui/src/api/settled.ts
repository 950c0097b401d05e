/** The part of a query's state that says whether there is an answer. */
interface Asked<T> {
  readonly isSuccess: boolean;
  readonly isRefetchError: boolean;
  readonly data: T | undefined;
}

/**
 * The answer of a query, if it is there.
 *
 * To read `data` before would suspend the page: it would be taken out and put back, and the table
 * would stand at its top again, each time that any query begins.
 */
export function settled<T>(query: Asked<T>): T | undefined {
  return query.isSuccess || query.isRefetchError ? query.data : undefined;
}
