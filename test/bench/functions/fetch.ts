/** Asks a server that answers after 10 ms. */
import type { Answer } from './call.ts';

/** Filled in when the function is built. */
declare const UPSTREAM_URL: string;

export async function answer(): Promise<Answer> {
  const response = await fetch(UPSTREAM_URL);
  const { items } = (await response.json()) as { items: readonly string[] };
  return items.join(', ');
}
