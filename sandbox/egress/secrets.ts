/**
 * Secrets are filled in when a request leaves. The function's code has a placeholder in its place, so neither its logs, its answers nor
 * an injected script can give the value away; and an answer that repeats the value is turned back into the placeholder.
 */
import { randomBytes } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { type Destination, matchesAny, type Secret } from './policy.ts';

/** Of the letters that header values, URLs and most checks of API keys take. */
export function createPlaceholder(name: string): string {
  return `isohost_secret_${name}_${randomBytes(12).toString('hex')}`;
}

export interface FilledHeaders {
  readonly lines: readonly string[];
  /** Secrets that are in them now. */
  readonly used: readonly Secret[];
}

/**
 * Puts secrets in the place of their placeholders, in `Authorization: Basic` too, where they are encoded.
 *
 * @param isFirst Whether the function itself named the destination. Where a redirect leads, what may not go there is left out.
 * @throws Error that names the secret which may not be sent there.
 */
export function fillSecrets(
  lines: readonly string[],
  secrets: readonly Secret[],
  destination: Destination,
  isFirst: boolean,
): FilledHeaders {
  if (secrets.length === 0) return { lines, used: [] };
  const filled: string[] = [];
  const used = new Set<Secret>();
  for (let index = 0; index < lines.length; index += 2) {
    const name = lines[index]!;
    const given = lines[index + 1]!;
    const basic = name === 'authorization' ? decodeBasic(given) : undefined;
    let value = basic ?? given;
    let isWithheld = false;
    for (const secret of secrets) {
      if (!value.includes(secret.placeholder)) continue;
      if (!mayReceive(secret, destination)) {
        if (isFirst) throw new Error(withheld(secret, destination));
        isWithheld = true;
        continue;
      }
      value = value.replaceAll(secret.placeholder, () => secret.value);
      used.add(secret);
    }
    if (isWithheld) continue;
    const written = basic === undefined || basic === value ? (basic === undefined ? value : given) : encodeBasic(value);
    filled.push(name, written);
  }
  return { lines: filled, used: [...used] };
}

/** Without a scheme in its rule, a secret goes over TLS only. */
function mayReceive({ hosts }: Secret, destination: Destination): boolean {
  const rules = hosts.filter(({ scheme }) => scheme !== undefined || destination.url.protocol === 'https:');
  return matchesAny(rules, destination, destination.url.hostname.replace(/^\[|\]$/g, ''));
}

function withheld({ name }: Secret, { url }: Destination): string {
  return (
    `the secret ${name} may not be sent to ${url.protocol}//${url.host}; ` +
    `add that to secrets.${name}.hosts, with "http://" before it if it is not to be over TLS`
  );
}

/** A secret that stands where none is filled in, as a sentence; or `undefined`. */
export function misplacedSecret(secrets: readonly Secret[], url: string): string | undefined {
  const found = secrets.find(({ placeholder }) => url.includes(placeholder));
  return found === undefined
    ? undefined
    : `the secret ${found.name} is in the URL; secrets are filled in in headers only, since URLs end up in logs`;
}

/** Puts placeholders back in text of an answer. */
export function redact(text: string, secrets: readonly Secret[]): string {
  let redacted = text;
  for (const { value, placeholder } of secrets) redacted = redacted.replaceAll(value, () => placeholder);
  return redacted;
}

/** The same for bytes that come in pieces. */
export class RedactingStream extends Transform {
  readonly #needles: readonly { readonly value: Buffer; readonly placeholder: Buffer }[];
  /** The longest end of a piece that may be the beginning of a secret. */
  readonly #kept: number;
  #rest: Buffer = Buffer.alloc(0);

  constructor(secrets: readonly Secret[]) {
    super({ highWaterMark: 64 * 1024 });
    this.#needles = secrets.map(({ value, placeholder }) => ({
      value: Buffer.from(value, 'latin1'),
      placeholder: Buffer.from(placeholder, 'latin1'),
    }));
    this.#kept = Math.max(...this.#needles.map(({ value }) => value.length)) - 1;
  }

  override _transform(chunk: Buffer, _encoding: string, callback: TransformCallback): void {
    const bytes = this.#replace(Buffer.concat([this.#rest, chunk]));
    const keep = Math.min(this.#kept, bytes.length);
    this.#rest = bytes.subarray(bytes.length - keep);
    callback(null, bytes.subarray(0, bytes.length - keep));
  }

  override _flush(callback: TransformCallback): void {
    callback(null, this.#rest);
  }

  #replace(bytes: Buffer): Buffer {
    let replaced = bytes;
    for (const { value, placeholder } of this.#needles) {
      const pieces: Buffer[] = [];
      let end = 0;
      for (let at = replaced.indexOf(value); at !== -1; at = replaced.indexOf(value, end)) {
        pieces.push(replaced.subarray(end, at), placeholder);
        end = at + value.length;
      }
      if (end > 0) replaced = Buffer.concat([...pieces, replaced.subarray(end)]);
    }
    return replaced;
  }
}

function decodeBasic(value: string): string | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/=_-]+)$/i.exec(value) ?? [];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('latin1');
}

function encodeBasic(credentials: string): string {
  return `Basic ${Buffer.from(credentials, 'latin1').toString('base64')}`;
}
