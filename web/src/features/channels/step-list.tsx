import { Drawing } from "./drawings/drawing";
import type { Step } from "./words";

/** What to do at the provider, one thing after the other. */
export function StepList({ steps }: { steps: readonly Step[] }) {
  return (
    <ol class="steps">
      {steps.map(({ text, scene }) => (
        <li key={text}>
          {text}
          {scene !== undefined && <Drawing scene={scene} />}
        </li>
      ))}
    </ol>
  );
}
