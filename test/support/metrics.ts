import type { MetricsSources } from '../../src/metrics.ts';

/** Of a host in which nothing goes on. */
export const idleSources: MetricsSources = {
  queued: () => 0,
  promisedMiB: () => 0,
  sandbox: () => ({ isolates: 0, stuckIsolates: 0, cells: [], suspendedVersions: 0, quarantinedTenants: 0 }),
};
