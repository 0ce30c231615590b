/** Where a function's requests may go: what the operator's rules say, read once and asked for every request and connection. */
import { BlockList, isIP } from 'node:net';
import { type AddressClass, classifyAddress } from './address-class.ts';

/** One rule; each field narrows what it is about. */
export interface HostRule {
  /** As it was written. */
  readonly text: string;
  readonly scheme: 'http:' | 'https:' | undefined;
  /** `example.com`, or `.example.com` for the domains below it; `undefined`: every host. */
  readonly host: string | undefined;
  /** Addresses that the connection may have, instead of a name. */
  readonly addresses: BlockList | undefined;
  readonly ports: readonly number[];
  readonly methods: readonly string[];
}

/** A value that the function's code knows by a placeholder only. */
export interface Secret {
  readonly name: string;
  readonly placeholder: string;
  readonly value: string;
  /** Where it may be sent. */
  readonly hosts: readonly HostRule[];
}

export interface EgressPolicy {
  /** A request needs a rule in each of the lists. */
  readonly allow: readonly (readonly HostRule[])[];
  readonly deny: readonly HostRule[];
  /** Hosts and addresses that may be reached although they are not public. */
  readonly private: readonly HostRule[];
  readonly secrets: readonly Secret[];
}

/** Every public host. */
export const openPolicy: EgressPolicy = Object.freeze({ allow: [], deny: [], private: [], secrets: [] });

const ruleForm =
  /^(?:(https?):\/\/)?(\[[^\]]+\]|[^/:[\]]+|[0-9a-f:.]*:[0-9a-f:.]*)(?:\/([0-9]{1,3}))?(?::([0-9]{1,5}))?\/?$/i;

/**
 * Reads a rule: `example.com`, `*.example.com`, `*`, an address, a range of addresses (`10.0.0.0/8`); with a scheme before it or a port
 * behind it, if that is all that is meant.
 *
 * @throws Error that says what is wrong with it.
 */
export function parseHostRule(text: string, ports: readonly number[] = [], methods: readonly string[] = []): HostRule {
  const [, scheme, host = '', prefix, port] = ruleForm.exec(text.trim()) ?? [];
  if (host === '')
    throw new Error('it must be a host, such as "api.example.com", "*.example.com", "10.0.0.0/8" or "*"');
  const narrowed = {
    text,
    scheme: scheme === undefined ? undefined : (`${scheme.toLowerCase()}:` as 'http:' | 'https:'),
    ports: port === undefined ? ports : [...ports, Number(port)],
    methods: methods.map((method) => method.toUpperCase()),
  };
  const address = host.replace(/^\[|\]$/g, '');
  const family = isIP(address);
  if (family !== 0) {
    if (methods.length > 0) throw new Error('a rule with methods needs the name of a host, or "*"');
    const addresses = new BlockList();
    const bits = family === 4 ? 32 : 128;
    const wanted = prefix === undefined ? bits : Number(prefix);
    if (wanted > bits) throw new Error(`/${wanted} is longer than an address of IPv${family}`);
    addresses.addSubnet(address, wanted, family === 4 ? 'ipv4' : 'ipv6');
    return { ...narrowed, host: undefined, addresses };
  }
  if (prefix !== undefined) throw new Error('only an address can have a prefix length');
  if (host === '*') return { ...narrowed, host: undefined, addresses: undefined };
  const name = host.replace(/^\*\./, '');
  if (/[@?#%\\]/.test(name)) throw new Error(`"${name}" is no host name`);
  if (name.includes('*')) throw new Error('"*" stands for a whole host, or for all below a domain: "*.example.com"');
  return { ...narrowed, host: (host === name ? '' : '.') + canonical(name), addresses: undefined };
}

function canonical(name: string): string {
  const url = URL.parse(`http://${name}/`);
  if (url === null || url.hostname === '' || isIP(url.hostname) !== 0) throw new Error(`"${name}" is no host name`);
  return withoutDot(url.hostname);
}

/** What is asked for. A connection is for requests of all methods, each of which is checked by itself. */
export interface Destination {
  readonly url: URL;
  readonly method: string | undefined;
}

/** Whether a rule says something about the destination; of a rule with addresses only when the address is given. */
function matches(rule: HostRule, { url, method }: Destination, address: string | undefined): boolean {
  if (rule.scheme !== undefined && rule.scheme !== url.protocol) return false;
  if (rule.ports.length > 0 && !rule.ports.includes(portOf(url))) return false;
  if (rule.methods.length > 0 && method !== undefined && !rule.methods.includes(method)) return false;
  if (rule.addresses !== undefined) return address !== undefined && hasAddress(rule.addresses, address);
  if (rule.host === undefined) return true;
  const host = withoutDot(url.hostname);
  return rule.host.startsWith('.') ? host.endsWith(rule.host) : host === rule.host;
}

export function matchesAny(rules: readonly HostRule[], destination: Destination, address?: string): boolean {
  return rules.some((rule) => matches(rule, destination, address));
}

/** The rule by which a destination is refused before anybody is asked for its address, as a sentence; or `undefined`. */
export function refusalOfHost({ allow, deny }: EgressPolicy, destination: Destination): string | undefined {
  const { url, method } = destination;
  const denying = deny.find((rule) => matches(rule, destination, undefined));
  if (denying !== undefined) return `${method} ${url.host} is denied by the rule "${denying.text}" of egress.deny`;
  for (const rules of allow) {
    // What is allowed by its address is decided when that is known.
    if (!rules.some((rule) => rule.addresses !== undefined || matches(rule, destination, undefined))) {
      return `${method} ${url.host} is not in egress.allow; add it there if the function may send it`;
    }
  }
  return undefined;
}

/** Why no connection may be made to an address, as a sentence; or `undefined`. */
export function refusalOfAddress(policy: EgressPolicy, destination: Destination, address: string): string | undefined {
  const { url } = destination;
  const denying = policy.deny.find((rule) => rule.methods.length === 0 && matches(rule, destination, address));
  const shown = url.hostname.replace(/^\[|\]$/g, '') === address ? address : `${url.hostname} (${address})`;
  if (denying !== undefined) return `${shown} is denied by the rule "${denying.text}" of egress.deny`;
  const kind = classifyAddress(address);
  if (kind !== 'public' && !matchesAny(policy.private, destination, address)) {
    return `${shown} is ${article(kind)} address; if the function may reach it, add it to egress.private`;
  }
  for (const rules of policy.allow) {
    if (!matchesAny(rules, destination, address))
      return `${shown} is not in egress.allow; add it there if the function may reach it`;
  }
  return undefined;
}

function article(kind: AddressClass): string {
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`;
}

export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

function hasAddress(list: BlockList, address: string): boolean {
  const [plain = ''] = address.split('%', 1);
  return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
}

/** `example.com.` is the same host as `example.com`. */
function withoutDot(hostname: string): string {
  return hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
}
