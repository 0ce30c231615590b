export { type Bundler, BundlerClosed, type BundlerOptions, createBundler } from './bundler.ts';
export { checkoutRuntime } from './checkout-runtime.ts';
export type { GuestRuntime } from './guest-runtime.ts';
export { type BundleStore, keepBundles } from './kept-bundles.ts';
export { PackedBundle } from './packed-bundle.ts';
export { sourceExtensions } from './entry.ts';
export {
  BundleError,
  type BundleLimits,
  type BundleMessage,
  type BundleOutput,
  type BundleRequest,
  defaultBundleLimits,
} from './types.ts';
