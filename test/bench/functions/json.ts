/** Reads a JSON body of a kilobyte, answers another of about the same size. */
import type { Answer, Call } from './call.ts';

interface Order {
  readonly id: string;
  readonly lines: readonly { readonly sku: string; readonly count: number; readonly cents: number }[];
}

export function answer({ data }: Call): Answer {
  const { id, lines } = data as Order;
  const priced = lines.map(({ sku, count, cents }) => ({ sku, count, cents, total: count * cents }));
  return JSON.stringify({ id, total: priced.reduce((sum, { total }) => sum + total, 0), lines: priced });
}
