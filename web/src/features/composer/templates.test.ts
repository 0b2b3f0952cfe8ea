import { describe, expect, it } from "vitest";

import type { Template } from "../../api/types";
import { mayFill, rendered } from "./templates";

const reminder: Template = {
  name: "visit",
  language: "pl",
  header: "Wizyta",
  body: "Dzień dobry {{1}}, zapraszamy {{2}}. Pozdrawiamy, {{1}}!",
  footer: "",
  variables: 2,
};

describe("a template", () => {
  it("reads as the customer will read it, with what is still to be filled", () => {
    expect(rendered(reminder, ["Anno", ""])).toBe(
      "Wizyta\n\nDzień dobry Anno, zapraszamy {{2}}. Pozdrawiamy, Anno!",
    );
    expect(rendered(reminder, ["$1 $& {{2}}", "jutro"])).toContain(
      "Dzień dobry $1 $& {{2}}, zapraszamy jutro.",
    );
  });

  it("takes one line in each blank", () => {
    expect(["jutro", "a    b"].map(mayFill)).toEqual([true, true]);
    expect(["", "  ", "a\nb", "a\tb", "a     b"].map(mayFill)).toEqual([false, false, false, false, false]);
  });
});
