/** `node:dns/promises`: loads, and says at use that fetch resolves names. */
import { dnsConstants } from './shared/dns-constants.ts';
import { unavailableClasses, unavailableFunctions } from './shared/unavailable.ts';

const module = 'node:dns/promises';
const remedy = 'names are resolved by fetch';

export default {
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
