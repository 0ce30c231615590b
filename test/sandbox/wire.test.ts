import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame } from '../../sandbox/wire.ts';

describe('a frame', () => {
  test.each([
    [[]],
    [['']],
    [['', '']],
    [['a', 'bc', '']],
    [['1,2;3', ';', ',']],
    [['\u00fc\u{1f600}', '\ud800', '\0\n']],
    [Array.from({ length: 1000 }, (_, index) => String(index))],
  ])('brings %j back', (fields) => {
    expect(decodeFrame(encodeFrame(fields), 1000)).toEqual(fields);
  });

  test.each([
    '',
    'x',
    '1',
    '1;',
    '2;a',
    '1;ab',
    '1,;a',
    ',1;a',
    '-1;a',
    '1e1;aaaaaaaaaa',
    '99999999999;a',
    ' 1;a',
    '1;a;',
    '0x1;a',
  ])('is refused when it is %j', (text) => {
    expect(decodeFrame(text, 1000)).toBeUndefined();
  });

  test('is refused when it has too many fields', () => {
    expect(decodeFrame(encodeFrame(['a', 'b', 'c']), 2)).toBeUndefined();
    expect(decodeFrame(encodeFrame(['a', 'b']), 2)).toEqual(['a', 'b']);
  });
});
