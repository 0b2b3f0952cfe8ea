/** Whether this can be a telephone number; the server decides, by the numbers that a country has. */
export function mayBeNumber(typed: string): boolean {
  const digits = typed.replaceAll(/\D/g, "").length;
  return /^\s*[+(]?[\d\s()./-]+$/.test(typed) && digits >= 7 && digits <= 15;
}
