/**
 * What kind of place an IP address is. Guards against requests that reach what only the host can reach: its own services, its network,
 * its cloud's metadata. Addresses that carry another one inside of them are judged by that one, or refused where nobody needs them.
 */
import { BlockList, isIP, isIPv6 } from 'node:net';

export type AddressClass =
  | 'public'
  | 'loopback'
  | 'unspecified'
  | 'private'
  | 'link-local'
  | 'metadata'
  | 'shared (CGNAT)'
  | 'multicast'
  | 'transition (6to4, Teredo, ISATAP)'
  | 'reserved';

type Range = readonly [network: string, prefix: number];

/** In order: the first class that has the address. */
const ranges4: readonly (readonly [AddressClass, readonly Range[]])[] = [
  // Amazon, Google, Azure and most others; Oracle's; Alibaba's; Azure's, which is of a public range.
  [
    'metadata',
    [
      ['169.254.169.254', 32],
      ['192.0.0.192', 32],
      ['100.100.100.200', 32],
      ['168.63.129.16', 32],
    ],
  ],
  ['loopback', [['127.0.0.0', 8]]],
  ['unspecified', [['0.0.0.0', 8]]],
  [
    'private',
    [
      ['10.0.0.0', 8],
      ['172.16.0.0', 12],
      ['192.168.0.0', 16],
    ],
  ],
  ['link-local', [['169.254.0.0', 16]]],
  ['shared (CGNAT)', [['100.64.0.0', 10]]],
  ['multicast', [['224.0.0.0', 4]]],
  ['transition (6to4, Teredo, ISATAP)', [['192.88.99.0', 24]]],
  [
    'reserved',
    [
      ['192.0.0.0', 24],
      ['192.0.2.0', 24],
      ['198.18.0.0', 15],
      ['198.51.100.0', 24],
      ['203.0.113.0', 24],
      ['240.0.0.0', 4],
    ],
  ],
];

const ranges6: readonly (readonly [AddressClass, readonly Range[]])[] = [
  [
    'metadata',
    [
      ['fd00:ec2::254', 128],
      ['fd20:ce::254', 128],
    ],
  ],
  ['loopback', [['::1', 128]]],
  ['unspecified', [['::', 128]]],
  [
    'private',
    [
      ['fc00::', 7],
      ['fec0::', 10],
    ],
  ],
  ['link-local', [['fe80::', 10]]],
  ['multicast', [['ff00::', 8]]],
  [
    'transition (6to4, Teredo, ISATAP)',
    [
      ['2002::', 16],
      ['2001::', 32],
    ],
  ],
  [
    'reserved',
    [
      ['2001::', 23],
      ['2001:db8::', 32],
      ['3fff::', 20],
    ],
  ],
  // All that was ever given out.
  ['public', [['2000::', 3]]],
];

const lists4 = ranges4.map(([name, ranges]) => [name, listOf(ranges, 'ipv4')] as const);
const lists6 = ranges6.map(([name, ranges]) => [name, listOf(ranges, 'ipv6')] as const);
/** `::ffff:a.b.c.d`, and the well-known prefix of NAT64, by which networks without IPv4 reach it. */
const mapped = listOf([['::ffff:0:0', 96]], 'ipv6');
const nat64 = listOf([['64:ff9b::', 96]], 'ipv6');

/** @param address An IPv4 or IPv6 address in any form, with or without a zone. */
export function classifyAddress(address: string): AddressClass {
  const [plain = ''] = address.split('%', 1);
  const family = isIP(plain);
  if (family === 4) return lists4.find(([, list]) => list.check(plain, 'ipv4'))?.[0] ?? 'public';
  if (family !== 6) return 'reserved';
  const words = wordsOf(plain);
  if (isWithin(mapped, words) || isWithin(nat64, words)) return classifyAddress(lastFour(words));
  const isIsatap = words[5] === 0x5efe && (words[4] === 0 || words[4] === 0x0200);
  if (isIsatap) return 'transition (6to4, Teredo, ISATAP)';
  return lists6.find(([, list]) => isWithin(list, words))?.[0] ?? 'reserved';
}

function listOf(ranges: readonly Range[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of ranges) list.addSubnet(network, prefix, family);
  return list;
}

/** BlockList takes a mapped address for the IPv4 address in it: so it gets all addresses in the form without dots. */
function isWithin(list: BlockList, words: readonly number[]): boolean {
  return list.check(words.map((word) => word.toString(16)).join(':'), 'ipv6');
}

function lastFour(words: readonly number[]): string {
  const [high, low] = [words[6]!, words[7]!];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The eight words of an IPv6 address. */
function wordsOf(address: string): number[] {
  if (!isIPv6(address)) return [];
  // The URL parser writes addresses without dots, in one form.
  const text = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = '', tail] = text.split('::');
  const parse = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16));
  const [left, right] = [parse(head), parse(tail ?? '')];
  return tail === undefined ? left : [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}
