/** A bare isolate with a loop that V8 may have compiled without a check for interrupts. */
import ivm from 'isolated-vm';

const isolate = new ivm.Isolate({ memoryLimit: 64 });
const context = await isolate.createContext();
await context.eval('let x; for (;;) x = new Array(1000).fill({})', { timeout: 300 }).catch(() => {});
process.stdout.write('ended');
process.kill(process.pid, 'SIGKILL');
