import "@fontsource-variable/inter/wght.css";
import "./theme/tokens.css";
import "./theme/base.css";
import { Router } from "@solidjs/router";
import { QueryClientProvider } from "@tanstack/solid-query";
import { type JSX, type ParentProps, Suspense } from "solid-js";
import { render } from "solid-js/web";
import { loadApiBase } from "./api/base";
import { queryClient } from "./api/query-client";
import { Toaster } from "./components/toast/Toaster";
import { startLocale } from "./i18n/i18n";
import { ROUTES } from "./routes";
import { useSession } from "./session/session";

function Root(props: ParentProps): JSX.Element {
  return (
    <>
      <Suspense>{props.children}</Suspense>
      <Toaster />
    </>
  );
}

// After an upgrade of the server a page that was left open asks for files that are gone.
window.addEventListener("vite:preloadError", () => location.reload());

async function start(): Promise<void> {
  // Browsers make no passkeys for an address in numbers.
  if (location.hostname === "127.0.0.1") {
    location.replace(location.href.replace("//127.0.0.1", "//localhost"));
    return;
  }
  await Promise.all([loadApiBase(), startLocale()]);
  void useSession().resume();
  const place = document.getElementById("app");
  if (!place) throw new Error("index.html has no #app");
  render(
    () => (
      <QueryClientProvider client={queryClient}>
        <Router root={Root}>{ROUTES}</Router>
      </QueryClientProvider>
    ),
    place,
  );
}

void start();
