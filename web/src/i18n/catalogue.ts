/** Forms by plural category (Intl.PluralRules), chosen by the parameter ``n``. */
export interface PluralForms {
  one?: string;
  few?: string;
  many?: string;
  other: string;
}

export type Entry = string | PluralForms;

/** A catalogue with the same keys as ``Model``: a missing or a superfluous key is a type error. */
export type SameKeys<Model> = Record<keyof Model, Entry>;
