/** What contestants are measured with. */
export type WorkloadName =
  | 'hello'
  | 'json'
  | 'react'
  | 'jwt'
  | 'fetch'
  | 'stream'
  | 'cpu'
  | 'latency'
  | 'cold'
  | 'many';

export interface Workload {
  readonly name: WorkloadName;
  readonly title: string;
  /** File of functions/, without its ending. */
  readonly source: string;
  /** `closed`: as fast as answers come. `latency`: at shares of the capacity. `cold`: one call of a new server. `many`: many functions. */
  readonly measure: 'closed' | 'latency' | 'cold' | 'many';
  /** Requests that are under way at once. */
  readonly connections: number;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const get = { method: 'GET', headers: {}, connections: 10 } as const;

/** @param token What the workload `jwt` sends. */
export function makeWorkloads(token: string): Workload[] {
  return [
    { ...get, name: 'hello', title: 'hello', source: 'hello', measure: 'closed' },
    {
      ...get,
      name: 'json',
      title: 'JSON, 1 kB',
      source: 'json',
      measure: 'closed',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: order(),
    },
    { ...get, name: 'react', title: 'React page', source: 'react', measure: 'closed' },
    {
      ...get,
      name: 'jwt',
      title: 'JWT verified',
      source: 'jwt',
      measure: 'closed',
      headers: { authorization: `Bearer ${token}` },
    },
    { ...get, name: 'fetch', title: 'fetch, 10 ms', source: 'fetch', measure: 'closed', connections: 50 },
    { ...get, name: 'stream', title: '64 MiB stream', source: 'stream', measure: 'closed', connections: 2 },
    { ...get, name: 'cpu', title: '2 ms of CPU', source: 'cpu', measure: 'closed' },
    { ...get, name: 'latency', title: 'latency of hello', source: 'hello', measure: 'latency' },
    { ...get, name: 'cold', title: 'new version', source: 'versioned', measure: 'cold' },
    { ...get, name: 'many', title: 'many functions', source: 'hello', measure: 'many' },
  ];
}

function order(): string {
  const lines = Array.from({ length: 20 }, (_, index) => ({
    sku: `sku-${String(index).padStart(6, '0')}`,
    count: (index % 5) + 1,
    cents: 1_099 + index * 101,
  }));
  return JSON.stringify({ id: '6f1c2f0e-6d0b-4b57-9d0c-6f1f5b2f9b1a', lines });
}
