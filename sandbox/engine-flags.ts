import { setFlagsFromString } from 'node:v8';

/**
 * Without this flag V8's optimising compiler unrolls some small loops and drops the check by which a running isolate is
 * interrupted. `for (;;) x = new Array(1000).fill({})` then survives every time limit and `dispose()`, and
 * `for (;;) a.push(new Array(1000))` fills the machine's memory past every memory limit; only SIGKILL ends such a process. The flag
 * holds for the whole process, costs nothing measurable outside of tiny constant loops, and works when it is set before the first
 * isolate.
 */
export const requiredFlag = '--no-turboshaft-loop-unrolling';

/**
 * Runs with a flag of V8 off that is on otherwise. It goes back at once: a code cache notes the flags that hold when it is written.
 *
 * @param flag Its name, without the hyphens.
 */
export function withoutFlag<T>(flag: 'compilation-cache' | 'lazy' | 'sparkplug', run: () => T): T {
  setFlagsFromString(`--no-${flag}`);
  try {
    return run();
  } finally {
    setFlagsFromString(`--${flag}`);
  }
}

let isSet = false;

/** Sets the V8 flags that the limits depend on. Must run before the first isolate is made. */
export function setEngineFlags(): void {
  if (isSet) return;
  setFlagsFromString(requiredFlag);
  isSet = true;
}
