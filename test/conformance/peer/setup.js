/** What workerd's tests find in the global scope, before they load. */
import bindings from './bindings.json' with { type: 'json' };

globalThis.Cloudflare ??= { compatibilityFlags: bindings.compatibilityFlags };
// Their runner has V8's; that nothing is collected fails none of the tests that ask for it.
globalThis.gc ??= () => {};
