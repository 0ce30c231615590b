export { BundleError, type BundleMessage } from '../bundler/index.ts';
export {
  createMemoryStorage,
  createUnstorageStorage,
  type KeyList,
  type KeyValueStorage,
  type ListOptions,
  type StorageQuota,
  type StoredKey,
  type StoredValue,
} from '../sandbox/index.ts';
export type { Breach, GuestError, Limits, LogLevel, Outcome, OutcomeKind, Usage } from '../sandbox/index.ts';
export { type AppBindings, createApp } from './app.ts';
export type { FunctionLogEntry, IncomingCall, InvocationRecord, OutgoingAnswer } from './calls.ts';
export type { FileConfig, FunctionConfig, HostConfig, TenantConfig } from './config.ts';
export { defineConfig } from './config-file.ts';
export { type ErrorCode, HostError } from './errors.ts';
export type { DeployOptions } from './deployments.ts';
export {
  createHost,
  type FunctionInfo,
  type Host,
  type HostOptions,
  type HostStatus,
  type InvocationResult,
} from './host.ts';
export type { Logger } from './hooks.ts';
export { createSqliteStorage } from './storage.ts';
