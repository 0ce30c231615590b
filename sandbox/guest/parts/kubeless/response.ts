import { serialize } from 'cookie';
import encodeUrl from 'encodeurl';
import escapeHtml from 'escape-html';
import vary from 'vary';
import { tagging } from '../../../wire.ts';
import { type Invocation, loadedPart, part } from '../../core/facade.ts';
import { byteLengthOfUtf8 } from '../shared/utf8.ts';
import type { App } from './app.ts';
import type { KubelessRequest } from './exchange.ts';
import type { HeaderValue } from './header-table.ts';
import { expandType, withCharset, withUtf8 } from './media-type.ts';
import { invalidArgument } from './node-error.ts';
import { ServerResponse } from './outgoing.ts';
import type { ExpressRequest } from './request.ts';
import type { Socket } from './socket.ts';
import { statuses } from './statuses.ts';

type Formatter = (request: ExpressRequest, response: ExpressResponse, next: (error?: unknown) => void) => void;

export interface CookieOptions {
  readonly [name: string]: unknown;
  readonly expires?: Date;
  /** Milliseconds. */
  readonly maxAge?: number;
  readonly path?: string | null;
}

const noRoom = 'functions have no files here';

/** The response of Express 4. Its deprecated forms are there too: functions of that time use them. */
export class ExpressResponse extends ServerResponse {
  readonly app: App;
  locals = Object.create(null) as Record<string, unknown>;
  declare readonly req: ExpressRequest;

  constructor(
    invocation: Invocation,
    wire: KubelessRequest,
    socket: Socket,
    app: App,
    openRequest: () => ExpressRequest,
  ) {
    super(invocation, wire, socket);
    this.app = app;
    Object.defineProperty(this, 'req', { configurable: true, enumerable: true, get: openRequest });
    const { standingHeaders } = wire;
    for (let index = 0; index < standingHeaders.length; index += 2) {
      this.setHeader(standingHeaders[index]!, standingHeaders[index + 1]!);
    }
  }

  status(code: number): this {
    this.statusCode = code;
    return this;
  }
  sendStatus(code: number): this {
    this.statusCode = code;
    this.type('txt');
    return this.send(statuses[code] ?? String(code));
  }

  set(...given: readonly unknown[]): this {
    const [name, value] = given;
    if (given.length !== 2) {
      for (const key in name as Record<string, unknown>) this.set(key, (name as Record<string, unknown>)[key]);
      return this;
    }
    const text = Array.isArray(value) ? value.map(String) : String(value);
    if ((name as string).toLowerCase() !== 'content-type') return this.setHeader(name as string, text);
    if (Array.isArray(text)) throw new TypeError('Content-Type cannot be set to an Array');
    return this.setHeader(name as string, withCharset(text));
  }
  header(...given: readonly unknown[]): this {
    return this.set(...given);
  }
  get(name: string): HeaderValue | undefined {
    return this.getHeader(name);
  }
  append(name: string, value: unknown): this {
    const earlier = this.get(name);
    return this.set(name, earlier ? [earlier, value].flat() : value);
  }
  type(type: string): this {
    return this.set('Content-Type', expandType(type));
  }
  contentType(type: string): this {
    return this.type(type);
  }
  vary(field?: string | readonly string[]): this {
    if (field !== undefined && field.length > 0) vary(this, field);
    return this;
  }
  links(links: Readonly<Record<string, string>>): this {
    const earlier = this.get('Link');
    const added = Object.entries(links).map(([relation, url]) => `<${url}>; rel="${relation}"`);
    return this.set('Link', `${earlier ? `${String(earlier)}, ` : ''}${added.join(', ')}`);
  }
  attachment(fileName?: string): this {
    const { contentDisposition, extensionOf } = part('kubeless-files');
    if (fileName) this.type(extensionOf(fileName));
    return this.set('Content-Disposition', contentDisposition(fileName));
  }
  location(url: string): this {
    return this.set('Location', encodeUrl(url === 'back' ? (this.req.get('Referrer') ?? '/') : url));
  }

  cookie(name: string, value: unknown, options?: CookieOptions): this {
    if (options?.['signed'] && !this.req['secret']) {
      throw new Error('cookieParser("secret") required for signed cookies');
    }
    const own: Record<string, unknown> = {};
    for (const key in options) own[key] = options[key];
    if ('maxAge' in own) {
      own['expires'] = new Date(Date.now() + (own['maxAge'] as number));
      own['maxAge'] = (own['maxAge'] as number) / 1_000;
    }
    own['path'] ??= '/';
    const text = typeof value === 'object' ? `j:${JSON.stringify(value)}` : String(value);
    return this.append('Set-Cookie', serialize(name, text, own));
  }
  clearCookie(name: string, options?: CookieOptions): this {
    return this.cookie(name, '', { expires: new Date(1), path: '/', ...options });
  }

  format(formatters: Readonly<Record<string, Formatter>>): this {
    const { default: fallback, ...others } = formatters;
    const { req } = this;
    const names = Object.keys(others);
    const chosen = names.length > 0 ? (req.accepts(names) as string | false) : false;
    this.vary('Accept');
    if (chosen !== false) {
      this.set('Content-Type', chosen.includes('/') ? chosen.split(/ *; */, 1)[0]! : expandType(chosen));
      formatters[chosen]!(req, this, req.next);
    } else if (fallback !== undefined) {
      (fallback as () => void)();
    } else {
      req.next(Object.assign(new Error('Not Acceptable'), { status: 406, statusCode: 406 }));
    }
    return this;
  }
  redirect(...given: readonly unknown[]): void {
    const [first, second] = given;
    const isStatusFirst = given.length === 2 && typeof first === 'number';
    const status = given.length === 2 ? ((isStatusFirst ? first : second) as number) : 302;
    const address = String(this.location((isStatusFirst ? second : first) as string).get('Location'));
    const text = statuses[status];
    let body = '';
    this.format({
      text: () => {
        body = `${text}. Redirecting to ${address}`;
      },
      html: () => {
        const escaped = escapeHtml(address);
        body = `<p>${text}. Redirecting to <a href="${escaped}">${escaped}</a></p>`;
      },
      default: () => {},
    });
    this.statusCode = status;
    this.set('Content-Length', byteLengthOfUtf8(body));
    this.end(body);
  }

  json(...given: readonly unknown[]): this {
    const text = this.#toJson(given);
    if (!this.get('Content-Type')) this.set('Content-Type', 'application/json');
    return this.send(text);
  }
  jsonp(...given: readonly unknown[]): this {
    let text = this.#toJson(given);
    const query = this.req.query as Record<string, unknown>;
    const named = query[String(this.app.get('jsonp callback name'))];
    const callback: unknown = Array.isArray(named) ? named[0] : named;
    if (!this.get('Content-Type')) {
      this.set('X-Content-Type-Options', 'nosniff');
      this.set('Content-Type', 'application/json');
    }
    if (typeof callback === 'string' && callback !== '') {
      this.set('X-Content-Type-Options', 'nosniff');
      this.set('Content-Type', 'text/javascript');
      const name = callback.replace(/[^[\]\w$.]/g, '');
      const argument = text!.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
      // The comment keeps a plugin from taking the answer for a file of its own, the check keeps the console quiet.
      text = `/**/ typeof ${name} === 'function' && ${name}(${argument});`;
    }
    return this.send(text);
  }
  send(...given: readonly unknown[]): this {
    let body = given[0];
    if (given.length === 2) {
      body = this.#bodyOf(given, typeof given[0] !== 'number' && typeof given[1] === 'number');
    } else if (typeof body === 'number') {
      if (!this.get('Content-Type')) this.type('txt');
      this.statusCode = body;
      body = statuses[body];
    }
    // Where nothing has loaded buffers, there are none.
    const isBuffer = loadedPart('node-buffer')?.Buffer.isBuffer(body) === true;
    if (typeof body === 'string') {
      if (!this.get('Content-Type')) this.type('html');
    } else if (body === null) {
      body = '';
    } else if (isBuffer) {
      if (!this.get('Content-Type')) this.type('bin');
    } else if (typeof body === 'boolean' || typeof body === 'number' || typeof body === 'object') {
      return this.json(body);
    } else if (body !== undefined) {
      throw invalidArgument('string', 'of type string or an instance of Buffer or ArrayBuffer', body);
    }
    if (typeof body === 'string') {
      const type = this.get('Content-Type');
      if (typeof type === 'string') this.set('Content-Type', withUtf8(type));
    }
    if (body === undefined) return this.endTagged(tagging.check);
    const content = body as string | Uint8Array;
    this.set('Content-Length', isBuffer ? content.length : byteLengthOfUtf8(content as string));
    return this.endTagged(this.get('ETag') ? tagging.check : tagging.weak, content);
  }

  sendFile(): never {
    throw new Error(`response.sendFile is not there: ${noRoom}`);
  }
  sendfile(): never {
    return this.sendFile();
  }
  download(): never {
    throw new Error(`response.download is not there: ${noRoom}`);
  }
  render(): never {
    throw new Error(`response.render is not there: ${noRoom}`);
  }

  /** Headers for the answer to a failure, which is text. */
  override failureLines(): string[] {
    const lines = super.failureLines();
    const index = lines.indexOf('content-type');
    if (index === -1 || index % 2 === 1) return lines;
    try {
      lines[index + 1] = withUtf8(lines[index + 1]!);
    } catch {
      // Not a media type: it is sent as it was set.
    }
    return lines;
  }

  #toJson(given: readonly unknown[]): string | undefined {
    const value = given.length === 2 ? this.#bodyOf(given, typeof given[1] === 'number') : given[0];
    const { app } = this;
    return JSON.stringify(value, app.get('json replacer') as never, app.get('json spaces') as never);
  }

  /** The old forms `(body, status)` and `(status, body)`. */
  #bodyOf([first, second]: readonly unknown[], isStatusLast: boolean): unknown {
    this.statusCode = (isStatusLast ? second : first) as number;
    return isStatusLast ? first : second;
  }
}
