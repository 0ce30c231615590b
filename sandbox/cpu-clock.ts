/**
 * True CPU time of guests.
 *
 * isolated-vm's `isolate.cpuTime` is wall time in disguise: it counts the time that a thread waits for a core too. The kernel's
 * clocks do not. Everything that this process burns outside of the main thread, while exactly one guest may run (see permit.ts), is
 * that guest's: its own code, its garbage collection and its compilation.
 */

/** Milliseconds of CPU time used so far by all threads of the process except the calling one. */
export function guestCpuClock(): number {
  const all = process.cpuUsage();
  const own = process.threadCpuUsage();
  return (all.user + all.system - own.user - own.system) / 1_000;
}
