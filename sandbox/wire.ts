/**
 * What crosses between host and guest, and how it is written down.
 *
 * Only strings, numbers and exact-sized byte arrays cross: objects would run guest getters while they are copied, and some
 * values (a Float16Array, an array that repeats one big string) make isolated-vm abort the process or multiply in size.
 *
 * Both sides import this file, so it captures the built-ins it needs when it is loaded: in a guest that is before any user
 * code has run.
 */

const uncurryThis = Function.prototype.bind.bind(Function.prototype.call) as unknown as <T, A extends unknown[], R>(
  method: (this: T, ...rest: A) => R,
) => (self: T, ...rest: A) => R;
const slice = uncurryThis(String.prototype.slice);
const indexOf = uncurryThis(String.prototype.indexOf);
const charCodeAt = uncurryThis(String.prototype.charCodeAt);

/**
 * Writes a list of strings as one: the lengths, a semicolon, then the strings end to end. Needs no escaping and keeps lone
 * surrogates.
 */
export function encodeFrame(fields: readonly string[]): string {
  let lengths = '';
  let payload = '';
  for (let index = 0; index < fields.length; index += 1) {
    const field = fields[index]!;
    lengths += index === 0 ? `${field.length}` : `,${field.length}`;
    payload += field;
  }
  return `${lengths};${payload}`;
}

/** Reads what `encodeFrame` wrote, or answers `undefined` when `text` is not such a frame or has over `maxFields` fields. */
export function decodeFrame(text: string, maxFields: number): string[] | undefined {
  const head = indexOf(text, ';');
  if (head === -1) return undefined;
  const fields: string[] = [];
  if (head === 0) return text.length === 1 ? fields : undefined;
  let start = head + 1;
  let length = 0;
  let digits = 0;
  for (let index = 0; index <= head; index += 1) {
    const code = charCodeAt(text, index);
    if (code >= 48 && code <= 57 && digits < 10) {
      length = length * 10 + (code - 48);
      digits += 1;
      continue;
    }
    if (digits === 0 || (code !== 44 && index !== head) || fields.length >= maxFields) return undefined;
    if (start + length > text.length) return undefined;
    fields[fields.length] = slice(text, start, start + length);
    start += length;
    length = 0;
    digits = 0;
  }
  return start === text.length ? fields : undefined;
}

/** Reads a frame that was written by one's own side, or by the host for a guest: of what is no frame it makes nonsense. */
export function readFrame(text: string): string[] {
  const fields: string[] = [];
  const head = indexOf(text, ';');
  let start = head + 1;
  for (let at = 0; at < head;) {
    const comma = indexOf(text, ',', at);
    const end = comma === -1 || comma > head ? head : comma;
    const next = start + +slice(text, at, end);
    fields[fields.length] = slice(text, start, next);
    start = next;
    at = end + 1;
  }
  return fields;
}

/** The first character of a message to a guest. */
export const message = {
  /** Evaluate the bundle: number of the invocation that it is done for. */
  evaluate: 'E',
  /** The same before there is a request, with what every request will need. */
  evaluateAhead: 'A',
  /** Serve a request: frame of `request` fields, see `WireRequest`. */
  request: 'R',
  /** The earliest timer is due. No payload. */
  timer: 'T',
  /** An operation of the host ended: frame of operation id, `1` or `0`, result text or error text. */
  settle: 'S',
  /** The client took bytes of a streamed response: frame of invocation id, bytes. */
  credit: 'C',
  /** The invocation will be ended soon: frame of invocation id, reason of `endings`. */
  ending: 'X',
  /** The invocation was ended by the host, and its isolate goes on: invocation id. */
  forget: 'F',
} as const;

/** What a guest posts to the host; the first argument of a post. */
export const post = {
  /** `(log, invocation, level, text)` */
  log: 1,
  /** `(head, invocation, head frame)`: status and headers of a streamed response. */
  head: 2,
  /** `(chunk, invocation, bytes or text, pieces)`: of a streamed response, as many pieces as it was written in, within the credit. */
  chunk: 3,
  /** `(end, invocation, error frame or '')`: the streamed response is complete, or failed. */
  end: 4,
  /** `(call, invocation, operation id, operation name, argument, bytes or nothing)` */
  call: 5,
  /** `(over, invocation)`: its response and all background work are complete. */
  over: 6,
  /**
   * `(turn, invocation, ms until the next timer or -1, pending operations, heap bytes, answer, head, body)`: the guest has run everything that
   * a message has set off. The last three carry an answer given in this turn.
   */
  turn: 7,
  /** `(answer, invocation, answer, head, body)`: an answer by itself, when a turn gives more than one. */
  answer: 8,
  /** `(pass, invocation, head frame, body number)`: a response whose body is one that the host holds. */
  pass: 9,
  /** `(watch, invocation)`: it wants to know when it will be ended. */
  watch: 10,
  /**
   * `(turns, 1 when everything has run, ms until the next timer or -1, its invocation, pending operations, heap bytes, ...turns)`, where many
   * invocations share the guest: so many turns have ended, in the order of their messages. Of each: its ms, answered invocation or 0, answer,
   * head, body. Unless everything has run, what is told before the turns says nothing.
   */
  turns: 11,
} as const;

/** How many arguments of a post `turns` come before the turns, its kind among them, and how many each turn has. */
export const turnsPost = { head: 6, turn: 5 } as const;

/**
 * What a guest that many invocations share writes down for the host to look at, in a buffer that both have: 32-bit integers, modulo 2^32. User
 * code does not get hold of it.
 */
export const progress = {
  /** Turns that have begun. */
  turns: 0,
  /** When the last of them did, in milliseconds since the epoch. */
  beganAt: 1,
  /** Written by the host: 1 when each turn is to be told of as soon as it has ended. */
  isCautious: 2,
  length: 3,
} as const;

/** Fences that a guest of many invocations has: one under way, and one that was handed over before that. */
export const sharedFences = 2;

/** Why an invocation will be ended. */
export const endings = {
  client: 'client',
  cpu: 'cpuTimeMs',
  wall: 'wallTimeMs',
} as const;

/** The answer that a `turn` post carries. */
export const answer = {
  /** None in this turn. */
  none: 0,
  /** A response with its whole body (text or bytes), and the invocation is over. The head is a frame of status and headers. */
  response: 1,
  /** The same, but background work goes on; a post `over` will follow. */
  responding: 2,
  /** The invocation failed and is over: the head is an error frame. */
  error: 3,
} as const;

/**
 * Why an invocation failed, as the guest tells it; the first field of an error head, before the described error and a size. A
 * guest may lie: nothing but its own answer depends on it.
 */
export const failure = {
  /** User code threw, rejected, or answered something that is no response. */
  thrown: 0,
  /** The body is over the limit. */
  responseTooLarge: 1,
  /** The module level of the bundle threw, or its exports are of no use. */
  notLoaded: 2,
} as const;

/** How a body is written in a request frame. */
export const bodyKind = {
  none: '0',
  /** UTF-8 text, already decoded; a leading byte order mark is kept. */
  text: '1',
  /** Bytes, one character each. */
  latin1: '2',
  /** The host holds the body, under the number in its place; it is read with the operations `read` and `gather`. */
  held: '3',
  /** Of a subrequest: the bytes are beside the frame. */
  bytes: '4',
  /** Of a subrequest: the guest writes it piece by piece. */
  upload: '5',
  /** There is none: the client asks for a WebSocket, and what is read under the number of the body are its messages. */
  socket: '6',
} as const;

/** Most header lines in either direction: Node's own limit is 2,000. */
export const maxHeaderLines = 2_000;

/** Credit that a guest begins a streamed response with. It has to wait when it has used it up, until the client has taken some. */
export const streamWindowBytes = 512 * 1024;

/** What pieces of a stream cost of that credit: a thousand small ones are more work than a large one. */
export function chunkCost(length: number, pieces = 1): number {
  return length + pieces * chunkOverheadBytes;
}
const chunkOverheadBytes = 512;

/** `crypto.subtle` of so many bytes is done at once, where that takes microseconds. */
export const maxQuickBytes = 16 * 1024;

/** Most bytes of the arguments of operations that a guest has under way; more wait in the guest. */
export const maxOperationBytes = 32 * 2 ** 20;

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * Header lines by which a guest tells the server how a response is to be sent. They are not sent on.
 */
export const hints = {
  /** The value is one of `tagging`. */
  etag: 'x-isohost-etag',
  /** `Content-Length` as the function set it. */
  length: 'x-isohost-length',
  /** The reason phrase of the status line. */
  reason: 'x-isohost-reason',
  /** `chunked`: the head was complete before the length of the body was known. */
  framing: 'x-isohost-framing',
  /** Of a failure: the handler was called, and these are all the headers that the response had. */
  handled: 'x-isohost-handled',
  /** The connection is to be cut instead of answering the failure. */
  destroy: 'x-isohost-destroy',
} as const;

/** Both also answer 304 when the client has the response already. */
export const tagging = {
  /** Gives the response a weak ETag. */
  weak: 'weak',
  /** Goes by the ETag that it has. */
  check: 'check',
} as const;

/**
 * Lines that a server puts before a request's headers when the function is to see what came over the connection; no client can send
 * such names. The names of the headers that follow are as the client wrote them.
 */
export const pseudoHeaders = {
  /** The request target as it was sent. */
  target: ':target',
  httpVersion: ':version',
  remotePort: ':port',
  /** `Access-Control-Allow-Origin`, as the response has it before the function sets anything. */
  allowOrigin: ':allow-origin',
} as const;

/** A request as the guest gets it. Header names are lower case, unless there are `pseudoHeaders`; equal names stay separate lines. */
export interface WireRequest {
  readonly method: string;
  /** Absolute URL, as the client asked for it. */
  readonly url: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: WireRequestBody;
  /** The client asks for a WebSocket, and can have one: the body is a stream of its messages; see socket-frames.ts. */
  readonly isUpgrade?: boolean | undefined;
  /** The client's address, for dialects that show it. */
  readonly remoteAddress: string;
}

/** A stream is read once, when the function asks for it. */
export type WireRequestBody = Uint8Array | WireStream | null;

/**
 * Bytes that come piece by piece and are taken at the reader's own pace: request bodies, bodies of subrequests, in either direction; see
 * byte-source.ts.
 */
export interface WireStream {
  /** How many there are, if that is known. */
  readonly length: number | undefined;
  /**
   * The next piece, never an empty one; `undefined` at the end. Rejects when the rest will not come. One at a time.
   *
   * @param atMost Of more bytes than these, the reader has no use for one piece. Not all sources heed it.
   */
  read(atMost?: number): Promise<Uint8Array | undefined>;
  /** From now on, all that is read is kept, and not only looked at: for sources that count what is. */
  keep?(): void;
  /** No more is wanted. May be called at any time, and again. */
  cancel(): void;
  /** The reader has no more use for a piece: it may be gone from now on. For sources whose pieces are nobody else's. */
  release?(piece: Uint8Array): void;
  /** Its pieces are nobody else's: where one has its memory for itself, the reader can keep it. */
  readonly ownsPieces?: boolean;
}

/** A value that user code threw, described inside the guest. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** Limits on how much of a thrown value is described, in UTF-16 code units. */
export const errorText = { name: 128, message: 8_192, stack: 16_384 } as const;

/** Begins the line of an error's cause among the frames of its stack. */
export const causeMark = '  [cause] ';

/** What a guest is told when its isolate is made. */
export interface GuestSettings {
  /** The part that knows how to call the function: its dialect. */
  readonly dialect: string;
  /** The name of the function, for messages. */
  readonly name: string;
  /** Variables granted to the function. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of its storage bindings. */
  readonly kv: readonly string[];
  /** What the realm holds; see the guest's realm.ts. */
  readonly trust: 'untrusted' | 'trusted';
  readonly limits: {
    readonly memoryMiB: number;
    readonly timers: number;
    readonly logLines: number;
    readonly logBytes: number;
    readonly responseBodyBytes: number;
    readonly socketMessageBytes: number;
  };
  /** What the dialect needs besides, for example the name of a handler. */
  readonly dialectSettings: Readonly<Record<string, string | number | null>>;
}
