/** Everything that the host itself can fail with. How user code ended is never an exception: see `Outcome`. */
export const errorCatalogue = {
  ISOHOST_INVALID_OPTION: 'An option has a value that it cannot have, or there is no such option.',
  ISOHOST_INVALID_NAME: 'A function or tenant has a name that cannot be in a URL, or that the host needs for itself.',
  ISOHOST_BUNDLE_FAILED: 'A function could not be bundled: its code or its imports are at fault.',
  ISOHOST_BUNDLE_LIMIT: 'A function is too large to be bundled, or takes too long or too much memory.',
  ISOHOST_CONFIG_FILE: 'The configuration file cannot be read.',
  ISOHOST_DIRECTORY: 'The functions directory cannot be read.',
  ISOHOST_CLOSED: 'The host was closed; it takes no more calls.',
  ISOHOST_STORAGE: 'The file of storage bindings cannot be opened.',
  ISOHOST_LISTEN: 'The server cannot listen on the port.',
} as const;

export type ErrorCode = keyof typeof errorCatalogue;

/** A failure of the host. The message names the value at fault and what to do about it. */
export class HostError extends Error {
  override readonly name = 'HostError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Words close to one that nobody knows, for error messages: `did you mean "port"?`, or nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const candidates = known
    .map((name) => ({ name, distance: editDistance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(Math.min(word.length, name.length) / 3)))
    .sort((a, b) => a.distance - b.distance);
  return candidates.length === 0 ? '' : `; did you mean "${candidates[0]!.name}"?`;
}

/** Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(replaced, rows[i - 1]![j]! + 1, row[j - 1]! + 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) row[j] = Math.min(row[j]!, rows[i - 2]![j - 2]! + 1);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
