/** `node:tls`: loads, and says at use that there are no sockets. */
import { unavailableClasses, unavailableFunctions } from './shared/unavailable.ts';

const module = 'node:tls';
const remedy = 'there are no sockets; use fetch with an https: URL';

export default {
  ...unavailableFunctions(module, remedy, [
    'checkServerIdentity',
    'connect',
    'convertALPNProtocols',
    'createSecureContext',
    'createServer',
    'setDefaultCACertificates',
  ]),
  ...unavailableClasses(module, remedy, ['SecureContext', 'Server', 'TLSSocket']),
  getCACertificates: () => [],
  getCertificateCompressionAlgorithms: () => [],
  getCiphers: () => [],
  rootCertificates: [] as string[],
  CLIENT_RENEG_LIMIT: 3,
  CLIENT_RENEG_WINDOW: 600,
  DEFAULT_CIPHERS: '',
  DEFAULT_ECDH_CURVE: 'auto',
  DEFAULT_MAX_VERSION: 'TLSv1.3',
  DEFAULT_MIN_VERSION: 'TLSv1.2',
};
