import Box from "lucide-solid/icons/box";
import ChartLine from "lucide-solid/icons/chart-line";
import LayoutDashboard from "lucide-solid/icons/layout-dashboard";
import Settings from "lucide-solid/icons/settings";
import Zap from "lucide-solid/icons/zap";

export interface Place {
  name: string;
  href: string;
  icon: typeof Box;
  /** Pressed after g. */
  key: string;
  under?: readonly { name: string; href: string }[];
}

/** The main places, as the navigation, the palette and the g-keys know them. */
export const PLACES: readonly Place[] = [
  { name: "Dashboard", href: "/dashboard", icon: LayoutDashboard, key: "d" },
  { name: "Training", href: "/training", icon: ChartLine, key: "t" },
  { name: "Models", href: "/models", icon: Box, key: "m" },
  {
    name: "Inference",
    href: "/inference",
    icon: Zap,
    key: "i",
    under: [
      { name: "Overview", href: "/inference" },
      { name: "Endpoints", href: "/inference/endpoints" },
      { name: "Metrics", href: "/inference/metrics" },
    ],
  },
  {
    name: "Settings",
    href: "/settings/profile",
    icon: Settings,
    key: "s",
    under: [
      { name: "Profile", href: "/settings/profile" },
      { name: "Security", href: "/settings/security" },
      { name: "Administration", href: "/settings/admin" },
    ],
  },
];
