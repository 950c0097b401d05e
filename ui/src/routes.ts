import type { RouteDefinition } from "@solidjs/router";
import { lazy } from "solid-js";
import { Training } from "./pages/training/training";
import { AppShell } from "./shell/AppShell";

/** Every address of the page, each with its code on its own. */
export const ROUTES: RouteDefinition[] = [
  { path: "/", component: lazy(() => import("./pages/welcome/landing/page")) },
  { path: "/login", component: lazy(() => import("./pages/welcome/login/page")) },
  { path: "/mfa", component: lazy(() => import("./pages/welcome/mfa/page")) },
  {
    path: "/",
    component: AppShell,
    children: [
      { path: "/dashboard", component: lazy(() => import("./pages/dashboard/overview/page")) },
      { path: "/training", component: Training },
      { path: "/training/new", component: lazy(() => import("./pages/training/new/page")) },
      { path: "/training/:id", component: lazy(() => import("./pages/training/detail/page")) },
      { path: "/models", component: lazy(() => import("./pages/models/list/page")) },
      { path: "/models/upload", component: lazy(() => import("./pages/models/upload/page")) },
      { path: "/models/compare", component: lazy(() => import("./pages/models/compare/page")) },
      { path: "/models/:id", component: lazy(() => import("./pages/models/detail/page")) },
      { path: "/inference", component: lazy(() => import("./pages/inference/overview/page")) },
      {
        path: "/inference/endpoints",
        component: lazy(() => import("./pages/inference/endpoints/page")),
      },
      {
        path: "/inference/metrics",
        component: lazy(() => import("./pages/inference/metrics/page")),
      },
      { path: "/settings/profile", component: lazy(() => import("./pages/settings/profile/page")) },
      {
        path: "/settings/security",
        component: lazy(() => import("./pages/settings/security/page")),
      },
      { path: "/settings/admin", component: lazy(() => import("./pages/settings/admin/page")) },
      { path: "*", component: lazy(() => import("./pages/welcome/lost/page")) },
    ],
  },
];
