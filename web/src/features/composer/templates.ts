import type { FilledTemplate, Template } from "../../api/types";

/** A variable as the provider takes it: one line without tabs, no more than four spaces in a row. */
const ODD = /[\n\r\t]| {5}/;

export function mayFill(text: string): boolean {
  return text.trim() !== "" && !ODD.test(text);
}

export function keyOf({ name, language }: Template): string {
  return `${name} ${language}`;
}

/** What the customer reads; a blank that nothing was put in stays as it is.  See connectors/templates.py. */
export function rendered({ header, body, footer }: Template, variables: readonly string[]): string {
  const filled = body.replace(/\{\{(\d+)\}\}/g, (blank, number: string) => {
    const value = variables[Number(number) - 1] ?? "";
    return value === "" ? blank : value;
  });
  return [header, filled, footer].filter((part) => part !== "").join("\n\n");
}

export function filledOf({ name, language }: Template, variables: readonly string[]): FilledTemplate {
  return { name, language, variables: [...variables] };
}
