/** A text in which keys stand between backticks, with each of them as a key. */
export function withKeys(text: string) {
  return text.split("`").map((part, index) => (index % 2 === 1 ? <kbd key={part}>{part}</kbd> : part));
}
