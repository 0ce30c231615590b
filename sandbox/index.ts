export type { Bundle } from './bundle.ts';
export { builtins as guestBuiltins } from './guest/manifest.ts';
export { mediaTypeOf } from './guest/parts/shared/media-type.ts';
export { type EgressPolicy, type HostRule, openPolicy, parseHostRule, type Secret } from './egress/policy.ts';
export { createPlaceholder } from './egress/secrets.ts';
export { mapText } from './guest-error.ts';
export { type HeaderLines, switchingProtocols } from './guest-response.ts';
export { guestCpuClock } from './cpu-clock.ts';
export { createSandbox, type SandboxOptions } from './create-sandbox.ts';
export type { SpawnedCell } from './cells/spawn-cell.ts';
export { requiredFlag } from './engine-flags.ts';
export { defaultLimits, type Limits, minMemoryMiB } from './limits.ts';
export {
  type Breach,
  type Failed,
  type GuestError,
  type Outcome,
  type OutcomeKind,
  outcomeKinds,
  type Usage,
} from './outcome.ts';
export { createMemoryStorage } from './storage/memory-storage.ts';
export type { KeyList, KeyValueStorage, ListOptions, StorageQuota, StoredKey, StoredValue } from './storage/storage.ts';
export { createUnstorageStorage, type UnstorageLike } from './storage/unstorage-storage.ts';
export type { RuntimeSources } from './runtime-image.ts';
export type {
  Answer,
  CellDuty,
  CellEnd,
  CellStatus,
  Dialect,
  Ending,
  GuestResponse,
  InvocationHandle,
  LogEntry,
  Sandbox,
  SandboxEvent,
  SandboxFunction,
  SandboxHooks,
  SandboxStatus,
  Trust,
  Freshness,
} from './sandbox.ts';
export { freeBytes } from './pieces.ts';
export { sourceOfBytes, sourceOfReadable, sourceOfStream } from './byte-source.ts';
export {
  hints,
  type LogLevel,
  maxHeaderLines,
  pseudoHeaders,
  tagging,
  type WireRequest,
  type WireStream,
} from './wire.ts';
export { KeptFiles, openCacheFolder } from './kept-files.ts';
export { UsageLedger } from './usage-ledger.ts';
export { SocketLine, type SocketLimits, socketOptions } from './socket-line.ts';
