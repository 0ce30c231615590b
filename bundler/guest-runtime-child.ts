/** A process that bundles the guest runtime of the checkout and prints it as JSON. */
import { bundleGuestRuntime } from './guest-runtime.ts';

process.stdout.write(JSON.stringify(await bundleGuestRuntime(new URL('../sandbox/guest', import.meta.url))));
