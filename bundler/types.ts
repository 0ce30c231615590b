/** What goes into a bundle and what comes out; all of it is plain data, since it crosses to the process that runs esbuild. */

export interface BundleRequest {
  /** How messages name the function. */
  readonly name: string;
  /** The function's file or folder (absolute), or its code. */
  readonly code:
    | { readonly path: string }
    | { readonly source: string; readonly language: 'ts' | 'tsx' | 'js' | 'jsx' };
  /** Absolute folder that file names in messages and stack traces are relative to. */
  readonly base: string;
  /** Absolute `node_modules` folders that the function may use beside those inside of its own root. */
  readonly nodeModules: readonly string[];
  /** Built-in modules that the guest runtime provides, for example `node:buffer`. */
  readonly builtins: readonly string[];
  /** The realm has Node's globals, and CommonJS files get their own `__filename` and `__dirname`. */
  readonly nodeGlobals: boolean;
  readonly limits: BundleLimits;
}

export interface BundleLimits {
  /** Of one source file, and of the finished bundle. */
  readonly bundleBytes: number;
  /** Of all source files together. */
  readonly sourceBytes: number;
  readonly sourceFiles: number;
  /** Of one bundling: wall time, less what it waits for CPU time (where the system tells that, and up to six times as long). */
  readonly timeMs: number;
}

export const defaultBundleLimits: BundleLimits = Object.freeze({
  bundleBytes: 10 * 1024 * 1024,
  sourceBytes: 64 * 1024 * 1024,
  sourceFiles: 10_000,
  timeMs: 10_000,
});

export interface BundleOutput {
  /** A script whose value is a function of `module`, `exports` and `require`. */
  readonly source: string;
  /** Name of the script in stack traces. */
  readonly fileName: string;
  /** JSON text of the source map, with sources. */
  readonly sourceMap: string;
  /** SHA-256 of `source`, in hex. */
  readonly hash: string;
  /** Built-in modules that the source requires. */
  readonly imports: readonly string[];
  /** Bytes that each source file takes in the bundle, by its name relative to `base`. */
  readonly sizes: Readonly<Record<string, number>>;
  /** Files that were read, absolute: the bundle is stale when one of them changes. */
  readonly inputs: readonly string[];
  readonly warnings: readonly BundleMessage[];
}

export interface BundleMessage {
  readonly text: string;
  /** `file:line:column`, relative to `base`; the line counts from 1, the column too. */
  readonly location: string | undefined;
  /** The source line with the place marked below it. */
  readonly frame: string | undefined;
}

export type BundleErrorCode = 'ISOHOST_BUNDLE_FAILED' | 'ISOHOST_BUNDLE_LIMIT';

/** A function could not be bundled. The message has everything a person needs; it may quote the function's sources. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
  readonly code: BundleErrorCode;
  readonly messages: readonly BundleMessage[];

  constructor(code: BundleErrorCode, functionName: string, messages: readonly BundleMessage[]) {
    super(`${functionName} could not be bundled\n${messages.map(formatMessage).join('\n')}`);
    this.code = code;
    this.messages = messages;
  }
}

function formatMessage({ location, text, frame }: BundleMessage): string {
  return `${location === undefined ? '' : `${location}: `}${text}${frame === undefined ? '' : `\n${frame}`}`;
}
