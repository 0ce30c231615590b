/** What is asked of the functions that use packages, and what they must answer. */
export interface PackageCase {
  /** Names of package.json that this function is about. */
  readonly packages: readonly string[];
  /** Set when it needs to generate code. */
  readonly trust?: 'trusted';
  /** Set when what it exports is an application, and no handler: it is deployed by itself, out of `applications`. */
  readonly isApplication?: true;
  readonly calls: readonly PackageCall[];
}

export interface PackageCall {
  /** Follows the function's own path. */
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Default 200. */
  readonly status?: number;
  /** Headers of the answer. */
  readonly answered?: Readonly<Record<string, string>>;
  /** The body: text, or what must be found in it, or JSON. */
  readonly answer: unknown;
}
