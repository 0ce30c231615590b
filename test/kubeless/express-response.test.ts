/** The methods that Express 4 adds to a response, in their old forms too. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CaseServer, caseServer, failure, html, json } from '../support/kubeless.ts';

/** Code of a function with its response in `r`, and what the client gets: status, type, body, other headers. */
type Row = readonly [
  code: string,
  status: number,
  type: string | null,
  body: string,
  headers?: Record<string, string | null>,
];

const plain = 'text/plain; charset=utf-8';
const script = 'text/javascript; charset=utf-8';
const sniff = { 'x-content-type-options': 'nosniff' };

const sending: readonly Row[] = [
  ['r.send(201, "x")', 201, html, 'x'],
  ['r.send("x", 201)', 201, html, 'x'],
  ['r.send(201, { a: 1 })', 201, json, '{"a":1}'],
  ['r.send(404)', 404, plain, 'Not Found'],
  ['r.send(new Uint8Array([65]))', 200, json, '{"0":65}'],
  ['r.send(true)', 200, json, 'true'],
  ['r.send(null)', 200, null, '', { 'content-length': '0' }],
  ['r.send(undefined)', 200, null, ''],
  ['r.send(10n)', ...failure],
  ['r.send(() => 1)', ...failure],
  ['r.send(Symbol("x"))', ...failure],
  ['r.json(201, { a: 1 })', 201, json, '{"a":1}'],
  ['r.json({ a: 1 }, 201)', 201, json, '{"a":1}'],
  ['r.app.set("json spaces", 1); r.json([1])', 200, json, '[\n 1\n]'],
  ['r.jsonp({ a: 1 })', 200, json, '{"a":1}', sniff],
  ['r.sendStatus(206)', 206, plain, 'Partial Content'],
  ['r.sendStatus(418)', 418, plain, "I'm a teapot"],
  ['r.sendStatus(451)', 451, plain, 'Unavailable For Legal Reasons'],
  ['r.sendStatus(299)', 299, plain, '299'],
  ['r.status(200.7); return "x"', 200, null, 'x'],
  ['r.status("201"); return "x"', 201, null, 'x'],
  ['r.status(600); return "x"', ...failure],
];

const types: readonly Row[] = [
  [
    'r.setHeader("Content-Type", "application/xml"); r.send("\\u00e9")',
    200,
    'application/xml; charset=utf-8',
    '\u00e9',
  ],
  ['r.setHeader("Content-Type", "text/x; charset=latin1"); r.send("x")', 200, 'text/x; charset=utf-8', 'x'],
  ['r.set("Content-Type", "application/json"); return "{}"', 200, json, '{}'],
  ['r.set("Content-Type", "image/svg+xml"); return "x"', 200, 'image/svg+xml', 'x'],
  ['r.type("md"); return "x"', 200, 'text/markdown; charset=utf-8', 'x'],
  ['r.type("docx"); return "x"', 200, 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'x'],
  ['r.type(".PNG"); return "x"', 200, 'image/png', 'x'],
  ['r.type("nonsense"); return "x"', 200, 'application/octet-stream', 'x'],
  ['r.contentType("yaml"); return "x"', 200, 'text/yaml; charset=utf-8', 'x'],
];

const headers: readonly Row[] = [
  ['r.vary("Origin"); return "x"', 200, null, 'x', { vary: 'Origin' }],
  ['r.set("Vary", "Accept, x"); r.vary("accept"); return "x"', 200, null, 'x', { vary: 'Accept, x' }],
  ['r.set("Vary", "Accept"); r.vary("*"); return "x"', 200, null, 'x', { vary: '*' }],
  ['r.set("Vary", "*"); r.vary(["A", "B"]); return "x"', 200, null, 'x', { vary: '*' }],
  ['r.vary(""); r.vary([]); r.vary(); return "x"', 200, null, 'x', { vary: null }],
  ['r.append("X-A", "1"); r.append("X-A", ["2", "3"]); return String(r.get("x-a"))', 200, null, '1,2,3'],
  [
    'r.links({ next: "a" }); r.links({ last: "b" }); return "x"',
    200,
    null,
    'x',
    { link: '<a>; rel="next", <b>; rel="last"' },
  ],
  [
    'r.attachment("path/to/x.csv"); return "x"',
    200,
    'text/csv; charset=utf-8',
    'x',
    { 'content-disposition': 'attachment; filename="x.csv"' },
  ],
  [
    'r.attachment(\'a"b.html\'); return "x"',
    200,
    html,
    'x',
    { 'content-disposition': 'attachment; filename="a\\"b.html"' },
  ],
  [
    'r.attachment("\\u20ac.pdf"); return "x"',
    200,
    'application/pdf',
    'x',
    { 'content-disposition': 'attachment; filename="?.pdf"; filename*=UTF-8\'\'%E2%82%AC.pdf' },
  ],
  ['r.attachment(); return "x"', 200, null, 'x', { 'content-disposition': 'attachment' }],
  ['r.location("/a b|c\\\\d^%zz%41"); return "x"', 200, null, 'x', { location: '/a%20b%7Cc%5Cd%5E%25zz%41' }],
];

const cookies: readonly Row[] = [
  ['r.cookie("a", "b+/=c"); return "x"', 200, null, 'x', { 'set-cookie': 'a=b%2B%2F%3Dc; Path=/' }],
  ['r.cookie("a", "b", { path: null }); return "x"', 200, null, 'x', { 'set-cookie': 'a=b; Path=/' }],
  [
    'r.cookie("a", "b", { sameSite: true, secure: true }); return "x"',
    200,
    null,
    'x',
    { 'set-cookie': 'a=b; Path=/; Secure; SameSite=Strict' },
  ],
  ['r.cookie("a", "b", { encode: String }); return "x"', 200, null, 'x', { 'set-cookie': 'a=b; Path=/' }],
  [
    'r.clearCookie("a", { expires: new Date(86400000) }); return "x"',
    200,
    null,
    'x',
    { 'set-cookie': 'a=; Path=/; Expires=Fri, 02 Jan 1970 00:00:00 GMT' },
  ],
  // Browsers may think otherwise of these.
  ['r.cookie("a b=", "c"); return "x"', 200, null, 'x', { 'set-cookie': 'a b==c; Path=/' }],
  ['r.cookie("a", "b", { path: "x;y" }); return "x"', 200, null, 'x', { 'set-cookie': 'a=b; Path=x;y' }],
  ['r.cookie("a", "b", { sameSite: "bad" }); return "x"', ...failure],
  ['r.cookie("a", "b", { maxAge: "5000" }); return "x"', 200, null, 'x'],
  [
    'try { r.cookie("a", "b", { signed: true }) } catch (error) { return error.message }',
    200,
    null,
    'cookieParser("secret") required for signed cookies',
  ],
  [
    'try { r.sendFile("/etc/passwd") } catch (error) { return error.message }',
    200,
    null,
    'response.sendFile is not there: functions have no files here',
  ],
];

const rows = [...sending, ...types, ...headers, ...cookies];
const formatted = 'r.format({ text() { r.send("plain") }, html() { r.send("<p>") }, json() { r.send({ m: 1 }) } })';

let server: CaseServer;
beforeAll(async () => {
  const cases = Object.fromEntries(rows.map(([code], index) => [`case ${index}`, code]));
  const more = {
    jsonp: 'r.jsonp({ a: "\\u2028" })',
    format: formatted,
    formatLate: `${formatted}; return new Promise((resolve) => r.on("finish", resolve))`,
    formatDefault: 'r.format({ text() { r.send("plain") }, default() { r.status(406).send("no") } })',
    redirect: 'r.redirect("/x?<y>"); return "ignored"',
    redirectBack: 'r.redirect("back", 301)',
    next: 'event.extensions.request.next(Object.assign(new Error("<bad>"), { status: 422 })); return new Promise((resolve) => r.on("finish", resolve))',
  };
  const withResponse = Object.entries({ ...cases, ...more }).map(([name, code]) => [
    name,
    `const r = event.extensions.response; ${code}`,
  ]);
  server = await caseServer(Object.fromEntries(withResponse) as Record<string, string>);
});
afterAll(() => server[Symbol.asyncDispose]());

async function check([code, status, type, body, others = {}]: Row): Promise<void> {
  const response = await server.call(`case ${rows.findIndex((row) => row[0] === code)}`);
  expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([status, type, body]);
  for (const [name, value] of Object.entries(others)) expect(response.headers.get(name)).toBe(value);
}

describe('sending', () => {
  for (const row of sending) test(`answers to ${row[0]}`, () => check(row));

  test('JSON with a callback', async () => {
    const response = await server.call('jsonp', {}, '/?callback=a.b[0]<>&callback=c');
    expect([response.headers.get('content-type'), response.headers.get('x-content-type-options')]).toEqual([
      script,
      'nosniff',
    ]);
    expect(await response.text()).toBe(`/**/ typeof a.b[0] === 'function' && a.b[0]({"a":"\\u2028"});`);
  });
});

describe('the type', () => {
  for (const row of types) test(`answers to ${row[0]}`, () => check(row));
});

describe('headers', () => {
  for (const row of headers) test(`answers to ${row[0]}`, () => check(row));
});

describe('cookies', () => {
  for (const row of cookies) test(`answers to ${row[0]}`, () => check(row));
});

describe('what the client accepts', () => {
  const accept = (value: string): RequestInit => ({ headers: { accept: value } });

  test.each([
    ['*/*', plain, 'plain'],
    ['text/html', html, '<p>'],
    ['text/html;q=0.1, text/plain', plain, 'plain'],
    ['text/*;q=.5, application/json', json, '{"m":1}'],
  ])('%s chooses the format %s', async (value, type, body) => {
    expect(await server.seen('format', accept(value))).toEqual([200, type, body]);
  });

  test('may be none of the formats', async () => {
    expect(await server.seen('formatDefault', accept('image/png'))).toEqual([406, html, 'no']);
    expect((await server.seen('formatLate', accept('image/png')))[0]).toBe(406);
    // A function that returns at once is quicker than the page.
    expect(await server.seen('format', accept('image/png'))).toEqual([200, null, '']);
  });

  test.each([
    ['text/html', html, '<p>Found. Redirecting to <a href="/x?%3Cy%3E">/x?%3Cy%3E</a></p>'],
    ['text/html;q=0.4, text/plain;q=0.5', plain, 'Found. Redirecting to /x?%3Cy%3E'],
    ['image/png', null, ''],
  ])('%s is told of a redirection', async (value, type, body) => {
    expect(await server.seen('redirect', accept(value))).toEqual([302, type, body]);
  });

  test('back leads to where the client came from', async () => {
    const response = await server.call('redirectBack', { headers: { referer: 'http://from/x' } });
    expect([response.status, response.headers.get('location')]).toEqual([301, 'http://from/x']);
    expect((await server.call('redirectBack')).headers.get('location')).toBe('/');
  });
});

test('next() answers with a page, without a stack', async () => {
  const response = await server.call('next');
  expect(response.status).toBe(422);
  expect(await response.text()).toContain('<pre>Error: &lt;bad&gt;</pre>');
});
