import type { JSX } from "solid-js";
import type { Problem } from "~/api/problem";
import { Field, TextInput } from "~/components/Field/Field";
import type { Naming } from "./launch";

export interface NamingFieldsProps {
  value: Naming;
  /** What the run is called where no name is typed. */
  fallback: string;
  problem: Problem | undefined;
  onChange: (key: keyof Naming, text: string) => void;
}

/** Name, project and tags of a run that is about to start. */
export function NamingFields(props: NamingFieldsProps): JSX.Element {
  return (
    <>
      <Field label="Name" error={props.problem?.fieldMessage("name")}>
        <TextInput
          value={props.value.name}
          maxLength={256}
          placeholder={props.fallback}
          onInput={(event) => props.onChange("name", event.currentTarget.value)}
        />
      </Field>
      <Field label="Project" error={props.problem?.fieldMessage("project")}>
        <TextInput
          value={props.value.project}
          maxLength={256}
          onInput={(event) => props.onChange("project", event.currentTarget.value)}
        />
      </Field>
      <Field label="Tags" hint="Separated by commas" error={props.problem?.fieldMessage("tags")}>
        <TextInput
          value={props.value.tags}
          onInput={(event) => props.onChange("tags", event.currentTarget.value)}
        />
      </Field>
    </>
  );
}
