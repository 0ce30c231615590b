import { expect, test } from 'vitest';
import { expectSame } from '../../support/same.ts';
import { evaluate, testSandbox } from '../../support/sandbox.ts';

const bases = [
  undefined,
  'http://example.org/a/b?c#d',
  'file:///C:/x/y',
  'data:text/plain,x',
  'non-special://host/a/b',
];
const inputs = [
  '',
  ' ',
  '#',
  '#f',
  '?',
  '?q',
  '/',
  '//',
  '///',
  '.',
  '..',
  './x',
  '../x',
  '../../../x',
  'x',
  'x/y/../z',
  'a:b',
  'http:',
  'http:x',
  'http:/x',
  'http://',
  'http://x',
  'HTTP://EXAMPLE.ORG:80/%7Euser',
  'https://example.org:443/',
  'https://example.org:444',
  'http://user:pass@host:8080/p?q#f',
  'http://user@/x',
  'http://@/x',
  'http://:@x',
  'http://a:b@c:d@e/',
  'http://[::1]',
  'http://[1::]',
  'http://[1:2:3:4:5:6:7:8]',
  'http://[::ffff:1.2.3.4]',
  'http://[1:0:0:2::3]',
  'http://[::1',
  'http://[g::]',
  'http://[1:2:3]',
  'http://1.2.3.4',
  'http://0x7f.1',
  'http://0300.0250.1',
  'http://4294967295',
  'http://4294967296',
  'http://1.2.3.256',
  'http://1.2.3.4.',
  'http://1.2.3.4.5',
  'http://a.1',
  'http://\u00fcmlaut.de/\u00fc?\u00fc#\u00fc',
  'http://xn--mlaut-jva.de',
  'http://xn--',
  'http://%41.com',
  'http://a%00b',
  'http://a b',
  'http://a<b',
  'http://a|b',
  'http://a^b',
  'foo://a b',
  'foo://a|b',
  'foo://%41',
  'foo://\u00fc',
  'foo:',
  'foo:/',
  'foo://',
  'foo:///',
  'foo:/..',
  'foo:/.//x',
  'foo:a b  ',
  'foo:a b  ?q',
  'foo:a  #f',
  'javascript:alert(1)',
  'mailto:x@y',
  'data:text/html,<p>x</p>',
  'blob:http://example.org/uuid',
  'blob:x',
  'file:',
  'file:/x',
  'file://',
  'file:///x',
  'file://host/x',
  'file://localhost/x',
  'file:c:/x',
  'file:///c|/x',
  'file:///c:/../x',
  '/c:/x',
  'c|/x',
  '\\\\x\\y',
  'http:\\\\x\\y',
  'http://x\\y',
  'http://x/%',
  'http://x/%zz',
  'http://x/"<>`{}|^',
  'http://x/?\'"<>`',
  'http://x/#"<>`',
  'http://x/\u{1f600}',
  'http://x/\ud800',
  '\thttp://x/\n y',
  'http://x:0',
  'http://x:65535',
  'http://x:65536',
  'http://x:',
  'http://x:a',
  'http://x/./%2e/%2E%2e/y',
  'ws://x:80',
  'wss://x:443',
  'ftp://x:21',
  'http://ex\u00adample.org',
  'http://\u2100.com',
  'http://faß.de',
  'http://a..b',
  'http://.',
  'http://..',
  '//x/y',
  '///x',
  '//',
  '/\\x',
  '\\/x',
];

test('parses and serialises as Node does', async () => {
  await using sandbox = await testSandbox();
  const parts = [
    'href',
    'origin',
    'protocol',
    'username',
    'password',
    'host',
    'hostname',
    'port',
    'pathname',
    'search',
    'hash',
  ];
  await expectSame(
    sandbox,
    `const out = {};
     for (const base of ${JSON.stringify(bases).replace('null', 'undefined')}) for (const input of ${JSON.stringify(inputs)}) {
       let result;
       try { const u = new URL(input, base); result = ${JSON.stringify(parts)}.map((part) => u[part]); } catch (e) { result = e.name; }
       out[JSON.stringify([input, base])] = result;
     }
     return out;`,
  );
});

test('changes components as Node does', async () => {
  await using sandbox = await testSandbox();
  const starts = ['http://u:p@h:1/p?q#f', 'https://h', 'file:///x', 'foo:bar', 'foo://h:1/p', 'mailto:x'];
  const values = {
    protocol: ['https', 'HTTPS:', 'ftp', 'foo', 'file', '', 'ht tp', 'https://x'],
    username: ['', 'a b', '\u00fc@'],
    password: ['', 'a:b', '/'],
    host: ['', 'x', 'x:2', 'x:', 'x/y', 'x?y', '[::1]:3', 'x y', '1.2', 'a@b', ':3'],
    hostname: ['', 'x', 'x:2', '[::1]', 'x/y', '\u00fc.de', 'a@b'],
    port: ['', '0', '80', '443', '65536', '12a', 'a', ' 1', '8\t0'],
    pathname: ['', 'x', '/x/../y', '?a', '#b', '\\x', '//x', 'a b', '%2e%2e'],
    search: ['', '?', 'a', '?a=b&c', '#', "'", '\u00fc'],
    hash: ['', '#', 'a', '#a b', '`'],
    href: ['http://z', 'x', ''],
  };
  await expectSame(
    sandbox,
    `const out = {};
     for (const start of ${JSON.stringify(starts)}) for (const [name, list] of Object.entries(${JSON.stringify(values)})) for (const value of list) {
       const u = new URL(start);
       try { u[name] = value; out[[start, name, value].join(' | ')] = u.href; } catch (e) { out[[start, name, value].join(' | ')] = e.name; }
     }
     return out;`,
  );
});

test('has search parameters that follow the URL, and are followed by it', async () => {
  await using sandbox = await testSandbox();
  await expectSame(
    sandbox,
    `const u = new URL('http://x/?a=1&b=2&a=3&c=%20+%zz%ff');
     const out = [u.searchParams.get('c'), u.searchParams.getAll('a'), u.searchParams.has('a', '3'), u.searchParams.size];
     u.searchParams.append('\u00fc &', '=\u00e9'); out.push(u.href);
     u.searchParams.delete('a', '1'); out.push(u.href);
     u.searchParams.set('b', 'x y~*()\\'!'); out.push(u.href);
     u.searchParams.sort(); out.push(u.href, String(u.searchParams));
     u.search = '?z=1'; out.push([...u.searchParams]);
     for (const key of [...u.searchParams.keys()]) u.searchParams.delete(key);
     out.push(u.href);
     out.push(String(new URLSearchParams([['a', 'b'], ['c', 'd']])), String(new URLSearchParams({ a: '1', b: 2 })), String(new URLSearchParams('?a=b&&=c&d')));
     out.push(Object.prototype.toString.call(u.searchParams.entries()), [...new URLSearchParams('a=1&b=2').values()]);
     return out;`,
  );
  await expectSame(sandbox, `return String(new URLSearchParams([['a']]))`);
  await expectSame(
    sandbox,
    `return [URL.canParse('x'), URL.canParse('x', 'http://y'), URL.parse('x'), URL.parse('http://x').href]`,
  );
});

test('names the value that is no URL', async () => {
  await using sandbox = await testSandbox();
  expect(await evaluate(sandbox, `try { new URL('nope') } catch (e) { return new Response(e.message) }`)).toBe(
    'Invalid URL: "nope"',
  );
});
