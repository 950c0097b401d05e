import Box from "lucide-solid/icons/box";
import ChartLine from "lucide-solid/icons/chart-line";
import LayoutDashboard from "lucide-solid/icons/layout-dashboard";
import Settings from "lucide-solid/icons/settings";
import Zap from "lucide-solid/icons/zap";

import type { Phrase } from "~/i18n/i18n";

export interface Place {
  name: Phrase;
  href: string;
  icon: typeof Box;
  /** Every address that begins so belongs to it. */
  root: string;
  /** Pressed after g. */
  key: string;
  under?: readonly { name: Phrase; href: string }[];
}

/** The main places, as the navigation, the palette and the g-keys know them. */
export const PLACES: readonly Place[] = [
  {
    name: "nav.dashboard",
    href: "/dashboard",
    root: "/dashboard",
    icon: LayoutDashboard,
    key: "d",
  },
  { name: "nav.training", href: "/training", root: "/training", icon: ChartLine, key: "t" },
  { name: "nav.models", href: "/models", root: "/models", icon: Box, key: "m" },
  {
    name: "nav.inference",
    href: "/inference",
    root: "/inference",
    icon: Zap,
    key: "i",
    under: [
      { name: "nav.overview", href: "/inference" },
      { name: "nav.endpoints", href: "/inference/endpoints" },
      { name: "nav.metrics", href: "/inference/metrics" },
    ],
  },
  {
    name: "nav.settings",
    href: "/settings/profile",
    root: "/settings",
    icon: Settings,
    key: "s",
    under: [
      { name: "nav.profile", href: "/settings/profile" },
      { name: "nav.security", href: "/settings/security" },
      { name: "nav.admin", href: "/settings/admin" },
    ],
  },
];
