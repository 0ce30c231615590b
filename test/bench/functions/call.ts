/** What all workloads are written against, so that every contestant runs the same code whatever its own interface is. */
export interface Call {
  /** The body, parsed, when it is JSON. */
  readonly data: unknown;
  readonly authorization: string;
}

export type Answer = string | Iterable<Uint8Array>;
