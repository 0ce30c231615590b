/** `node:https`: as `node:http`. Certificates are the host's: servers and requests need none. */
import { httpModule } from './shared/http-module.ts';

export default httpModule('node:https', 443);
