/** One function as the bundler leaves it: a script whose value is a function of `module`, `exports` and `require`. */
export interface Bundle {
  readonly source: string;
  /** File name in stack traces. */
  readonly fileName: string;
  /** JSON text of the source map of `source`. */
  readonly sourceMap: string;
  /** SHA-256 of `source`, in hex. */
  readonly hash: string;
  /** Built-in modules that the source requires, for example `node:buffer`. */
  readonly imports: readonly string[];
}
