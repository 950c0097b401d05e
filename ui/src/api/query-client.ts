import { QueryClient } from "@tanstack/solid-query";
import { Problem } from "./problem";

const RETRIES = 2;

/** All server state of the page. A refusal is final; a server that is away is asked again. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (count, error) =>
        count < RETRIES && !(error instanceof Problem && error.status >= 400 && error.status < 500),
    },
  },
});
