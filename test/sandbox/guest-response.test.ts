import { describe, expect, test } from 'vitest';
import { readResponseHead } from '../../sandbox/guest-response.ts';
import { encodeFrame } from '../../sandbox/wire.ts';

const read = (...fields: string[]) => readResponseHead(encodeFrame(fields));

describe('the head of a response', () => {
  test('comes with lower-case names; equal names stay separate lines', () => {
    expect(read('200', 'X-A', '1', 'set-cookie', 'a=1', 'set-cookie', 'b=2')).toEqual({
      status: 200,
      headers: [
        ['x-a', '1'],
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ],
    });
  });

  test.each(['100', '101', '199', '600', '0', '-1', 'x', '', '200.5', '1e3', 'Infinity'])(
    'is refused with the status %j',
    (status) => {
      expect(read(status)).toContain('status');
    },
  );

  test.each([
    ['a line break in a value', 'x', 'a\r\nset-cookie: b'],
    ['a bare line feed', 'x', 'a\nb'],
    ['a NUL', 'x', 'a\0b'],
    ['a character outside of Latin-1', 'x', '\u20ac'],
    ['a space in a name', 'a b', '1'],
    ['an empty name', '', '1'],
    ['a line break in a name', 'a\r\nb', '1'],
    ['a colon in a name', 'a:', '1'],
  ])('is refused with %s', (_, name, value) => {
    expect(read('200', name, value)).toContain('header');
  });

  test.each([
    'Content-Length',
    'transfer-encoding',
    'Connection',
    'keep-alive',
    'upgrade',
    'te',
    'trailer',
    'proxy-authenticate',
  ])('goes without %s, which is not the function\u2019s to set', (name) => {
    expect(read('200', name, '5', 'x', 'y')).toEqual({ status: 200, headers: [['x', 'y']] });
  });

  test('is refused when it is too large', () => {
    expect(read('200', 'x', 'y'.repeat(70_000))).toContain('bytes');
    expect(read('200', ...Array.from({ length: 4_002 }, () => 'x'))).toContain('header lines');
  });

  test('is refused when it is no frame', () => {
    expect(readResponseHead('nonsense')).toBeTypeOf('string');
    expect(read('200', 'name without value')).toBeTypeOf('string');
  });
});
