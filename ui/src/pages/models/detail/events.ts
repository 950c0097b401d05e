import type { ModelEvent } from "~/api/types";

/** What happened, as a sentence without its author. */
export function eventText(event: ModelEvent): string {
  const version = `v${event.version}`;
  switch (event.action) {
    case "model_created":
      return "The model was made";
    case "version_uploaded":
      return `${version} was uploaded`;
    case "version_deleted":
      return `${version} was deleted`;
    case "alias_set":
      return event.previous_version === null
        ? `${event.alias} was set to ${version}`
        : `${event.alias} moved from v${event.previous_version} to ${version}`;
    case "alias_removed":
      return event.previous_version === null
        ? `The alias ${event.alias} was removed`
        : `The alias ${event.alias} was removed from v${event.previous_version}`;
    case "approved":
      return `${version} was approved`;
    case "approval_withdrawn":
      return `The approval of ${version} was withdrawn`;
    case "approval_required":
      return "Versions need an approval from here on";
    case "approval_not_required":
      return "Versions need no approval any more";
    case "visibility_changed":
      return "Who sees it was changed";
  }
}
