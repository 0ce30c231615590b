/** What sets the limits of servers that isolate, in sentences with the figures of a run: what V8 and isolated-vm take by themselves. */
import type { Results } from '../results.ts';
import { digits } from './tables.ts';

export function limitsOf(results: Results): string[] {
  const cpu = (contestant: string): number | undefined => results.median('hello', contestant, 'cpuMs');
  const rate = (contestant: string): number | undefined => results.median('hello', contestant, 'perSecond');
  return [
    sentence(
      [cpu('floor'), cpu('floor-all'), cpu('ivm-fresh')],
      ([one, all, alone]) =>
        `**An isolate for each call.** To make and dispose of an isolate takes V8 ${ms(one)} of CPU on one core, and ${ms(all)} where all cores ` +
        `do that at once. isolated-vm with a server in front of it, but no Web platform and no limit on time, takes ${ms(alone)} for a hello.`,
    ),
    sentence(
      [rate('floor-all'), rate('vm'), rate('worker')],
      ([isolates, vm, worker]) =>
        `All cores together make ${digits(isolates)} isolates a second and do nothing else meanwhile: that is ${times(isolates / vm)} what the server ` +
        `with \`vm.runInNewContext\` answers in one process, and ${times(isolates / worker)} what one with a Worker per call does.`,
    ),
    sentence(
      [rate('ivm-kept'), rate('hono'), rate('workerd')],
      ([kept, hono, workerd]) =>
        `**An isolate that lives on.** Each call crosses into it and back between two threads. isolated-vm by itself, which only does that, ` +
        `answers ${times(kept / hono)} as many as Hono without isolation, and ${times(kept / workerd)} as many as workerd.`,
    ),
  ].filter((text) => text !== undefined);
}

/** `undefined` where not all of it was measured. */
function sentence(
  figures: readonly (number | undefined)[],
  say: (figures: readonly [number, number, number]) => string,
): string | undefined {
  const [first, second, third] = figures;
  return first === undefined || second === undefined || third === undefined ? undefined : say([first, second, third]);
}

function ms(value: number): string {
  return `${digits(value)} ms`;
}

function times(value: number): string {
  return `${digits(value)} times`;
}
