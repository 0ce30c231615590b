/** `node:crypto`: hashes, ciphers, signatures and key derivation. The host does the work, synchronously. */
export * from './node-crypto/index.ts';
import * as members from './node-crypto/index.ts';

const everything: object = { ...members };
export default everything;
