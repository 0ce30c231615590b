/** `node:https`: agents can be made, and nothing be sent with them. */
import { httpModule } from './shared/http-module.ts';

export default httpModule('node:https', 443);
