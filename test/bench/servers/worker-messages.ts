/** What passes between the server of worker.ts and its threads. */
export interface WorkerCall {
  readonly file: string;
  readonly method: string;
  readonly url: string;
  readonly headers: [string, string][];
  readonly body: string | null;
}

interface Head {
  readonly status: number;
  readonly headers: [string, string][];
}

/** A body in one piece comes whole; of another, each piece is asked for with `more`. */
export type WorkerMessage =
  | { readonly kind: 'whole'; readonly head: Head; readonly body: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'begin'; readonly head: Head }
  | { readonly kind: 'piece'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'end' };
