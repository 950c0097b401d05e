import type { JSX } from "solid-js";
import { PageHeader } from "~/components/PageHeader/PageHeader";

export default function Page(): JSX.Element {
  return <PageHeader title="detail" />;
}
