/** `node:net`: what can be told of an address by its text. There are no sockets. */
import { withCode } from './shared/node-error.ts';
import { unavailableClasses, unavailableFunctions } from './shared/unavailable.ts';

const module = 'node:net';
const remedy = 'there are no sockets; use fetch';

const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

function isIPv4(text: unknown): boolean {
  return ipv4.test(`${text as string}`);
}

function isIPv6(text: unknown): boolean {
  const [address = '', zone, ...more] = `${text as string}`.split('%');
  if (more.length > 0 || (zone !== undefined && !/^[0-9a-zA-Z.:-]+$/.test(zone))) return false;
  const halves = address.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1);
  if (last?.includes('.') === true) {
    if (!isIPv4(last) || address.endsWith('::')) return false;
    groups.splice(-1, 1, '0', '0');
  }
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false;
  return halves.length === 2 ? groups.length < 8 : groups.length === 8;
}

function isIP(text: unknown): 0 | 4 | 6 {
  if (isIPv4(text)) return 4;
  return isIPv6(text) ? 6 : 0;
}

const defaults = { select: true, timeoutMs: 250 };

export default {
  ...unavailableFunctions(module, remedy, ['connect', 'createConnection', 'createServer']),
  ...unavailableClasses(module, remedy, ['BlockList', 'BoundSocket', 'Server', 'Socket', 'SocketAddress', 'Stream']),
  getDefaultAutoSelectFamily: () => defaults.select,
  getDefaultAutoSelectFamilyAttemptTimeout: () => defaults.timeoutMs,
  isIP,
  isIPv4,
  isIPv6,
  setDefaultAutoSelectFamily(select: boolean): void {
    defaults.select = select;
  },
  setDefaultAutoSelectFamilyAttemptTimeout(timeoutMs: number): void {
    if (!(timeoutMs >= 1)) throw withCode(new RangeError('The value of "value" is out of range.'), 'ERR_OUT_OF_RANGE');
    defaults.timeoutMs = timeoutMs;
  },
};
