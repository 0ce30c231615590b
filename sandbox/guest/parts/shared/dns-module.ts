import { dnsConstants } from './dns-constants.ts';
import { unavailableClasses, unavailableFunctions } from './unavailable.ts';

const remedy = 'names are resolved by fetch';

/** What `node:dns` and `node:dns/promises` have in common: it loads, and says at use that fetch resolves names. */
export function dnsModule(module: string): Readonly<Record<string, unknown>> {
  return {
    ...unavailableFunctions(module, remedy, [
      'lookup',
      'lookupService',
      'resolve',
      'resolve4',
      'resolve6',
      'resolveAny',
      'resolveCaa',
      'resolveCname',
      'resolveMx',
      'resolveNaptr',
      'resolveNs',
      'resolvePtr',
      'resolveSoa',
      'resolveSrv',
      'resolveTlsa',
      'resolveTxt',
      'reverse',
      'setServers',
      'setDefaultResultOrder',
    ]),
    ...unavailableClasses(module, remedy, ['Resolver']),
    ...dnsConstants,
  };
}
