import { isBadPort } from './bad-ports.ts';
import { egressCodes, EgressError } from './egress.ts';
import { portOf, type Secret } from './policy.ts';
import { misplacedSecret } from './secrets.ts';

const maxUrlLength = 16 * 1024;

/**
 * Reads the URL that a function asks for.
 *
 * @param schemes The two that there are, without and with TLS.
 * @throws EgressError
 */
export function readUrl(
  text: string,
  secrets: readonly Secret[],
  schemes: readonly [string, string] = ['http:', 'https:'],
): URL {
  const url = text.length > maxUrlLength ? null : URL.parse(text);
  if (url === null || !schemes.includes(url.protocol)) {
    const shown = text.length > 200 ? `${text.slice(0, 200)}... (${text.length} characters)` : text;
    throw new EgressError(egressCodes.invalid, `${JSON.stringify(shown)} is no URL of ${schemes.join(' or ')}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new EgressError(
      egressCodes.invalid,
      'the URL contains a user name or password; use the header Authorization',
    );
  }
  const misplaced = misplacedSecret(secrets, url.href);
  if (misplaced !== undefined) throw new EgressError(egressCodes.denied, misplaced);
  const port = url.port === '' ? (url.protocol === schemes[1] ? 443 : 80) : portOf(url);
  if (isBadPort(port)) {
    throw new EgressError(egressCodes.denied, `port ${port} is that of another protocol; no request is sent there`);
  }
  return url;
}
