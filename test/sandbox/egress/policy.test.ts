import { describe, expect, test } from 'vitest';
import { openPolicy, parseHostRule, refusalOfAddress, refusalOfHost } from '../../../sandbox/egress/policy.ts';

const to = (url: string, method = 'GET') => ({ url: new URL(url), method });
const allowing = (...rules: ReturnType<typeof parseHostRule>[]) => ({ ...openPolicy, allow: [rules] });

describe('a rule', () => {
  test.each([
    ['example.com', 'https://example.com/', true],
    ['example.com', 'https://EXAMPLE.com./x', true],
    ['example.com', 'https://www.example.com/', false],
    ['example.com', 'https://example.com.evil.test/', false],
    ['*.example.com', 'https://a.b.example.com/', true],
    ['*.example.com', 'https://example.com/', false],
    ['*.example.com', 'https://evilexample.com/', false],
    ['*', 'http://anything.test/', true],
    ['example.com:8443', 'https://example.com:8443/', true],
    ['example.com:8443', 'https://example.com/', false],
    ['https://example.com', 'http://example.com/', false],
    ['b\u00fccher.example', 'https://xn--bcher-kva.example/', true],
  ])('%s, asked for %s: %s', (rule, url, isAllowed) => {
    expect(refusalOfHost(allowing(parseHostRule(rule)), to(url)) === undefined).toBe(isAllowed);
    expect(refusalOfHost({ ...openPolicy, deny: [parseHostRule(rule)] }, to(url)) === undefined).toBe(!isAllowed);
  });

  test('may be about some methods and ports', () => {
    const policy = allowing(parseHostRule('example.com', [443], ['get']));
    expect(refusalOfHost(policy, to('https://example.com/'))).toBeUndefined();
    expect(refusalOfHost(policy, to('https://example.com/', 'POST'))).toContain(
      'POST example.com is not in egress.allow',
    );
    expect(refusalOfHost(policy, to('https://example.com:444/'))).toContain('egress.allow');
  });

  test('with addresses is about the connection', () => {
    const url = to('https://example.com/');
    const policy = { ...openPolicy, deny: [parseHostRule('1.2.0.0/16')] };
    expect(refusalOfAddress(policy, url, '1.2.3.4')).toContain('denied by the rule "1.2.0.0/16"');
    expect(refusalOfAddress(policy, url, '1.3.3.4')).toBeUndefined();
    const narrow = allowing(parseHostRule('1.2.3.4'));
    expect(refusalOfHost(narrow, url)).toBeUndefined();
    expect(refusalOfAddress(narrow, url, '1.2.3.4')).toBeUndefined();
    expect(refusalOfAddress(narrow, url, '1.2.3.5')).toContain('egress.allow');
  });

  test('opens what is not public for the hosts that it names only', () => {
    const policy = { ...openPolicy, private: [parseHostRule('orders.internal:8080'), parseHostRule('[fd00::]/64')] };
    expect(refusalOfAddress(policy, to('http://orders.internal:8080/'), '10.0.0.1')).toBeUndefined();
    expect(refusalOfAddress(policy, to('http://orders.internal/'), '10.0.0.1')).toContain('egress.private');
    expect(refusalOfAddress(policy, to('http://[fd00::5]/'), 'fd00::5')).toBeUndefined();
    expect(refusalOfAddress(policy, to('http://[fd01::5]/'), 'fd01::5')).toBe(
      'fd01::5 is a private address; if the function may reach it, add it to egress.private',
    );
  });

  test.each([
    '',
    'a b',
    '*.*.com',
    'ex*mple.com',
    '10.0.0.0/33',
    'example.com/8',
    'ftp://example.com',
    'user@example.com',
  ])('%j is none', (text) => {
    expect(() => parseHostRule(text)).toThrow();
  });
});
