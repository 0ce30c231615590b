export type { Bundle } from './bundle.ts';
export { builtins as guestBuiltins } from './guest/manifest.ts';
export type { HeaderLines } from './guest-response.ts';
export { createInlineSandbox } from './inline.ts';
export { minMemoryMiB } from './isolate.ts';
export { defaultLimits, type Limits } from './limits.ts';
export { type Breach, type GuestError, type Outcome, type OutcomeKind, outcomeKinds, type Usage } from './outcome.ts';
export type { RuntimeSources } from './runtime-image.ts';
export type {
  Answer,
  Dialect,
  Ending,
  GuestResponse,
  InvocationHandle,
  LogEntry,
  Sandbox,
  SandboxFunction,
  SandboxStatus,
} from './sandbox.ts';
export type { LogLevel, WireRequest } from './wire.ts';
