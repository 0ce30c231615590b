/** The variables that set the server up. */
import { describe, expect, test } from 'vitest';
import { readKubelessEnvironment } from '../../src/kubeless/environment.ts';

describe('environment', () => {
  test('has the defaults of the original', () => {
    expect(readKubelessEnvironment({})).toMatchObject({
      moduleName: 'undefined',
      handler: 'undefined',
      root: '/kubeless',
      port: 8080,
      timeoutSeconds: 180,
      bodyBytes: 1_048_576,
      memoryMiB: undefined,
      runtime: undefined,
      memoryLimit: undefined,
    });
    expect(readKubelessEnvironment({ FUNC_TIMEOUT: '', FUNC_PORT: '', REQ_MB_LIMIT: '' })).toMatchObject({
      port: 8080,
      timeoutSeconds: 180,
      bodyBytes: 1_048_576,
    });
  });

  test('is read as the original reads it', () => {
    expect(
      readKubelessEnvironment({
        FUNC_PORT: '81',
        FUNC_TIMEOUT: '0.5',
        REQ_MB_LIMIT: '2',
        FUNC_MEMORY_LIMIT: '256Mi',
        MOD_ROOT_PATH: '/x',
      }),
    ).toMatchObject({ port: 81, timeoutSeconds: 0.5, bodyBytes: 2_097_152, memoryMiB: 256, root: '/x' });
  });

  test('may be larger than anybody needs', () => {
    expect(readKubelessEnvironment({ FUNC_TIMEOUT: '2147484', REQ_MB_LIMIT: '5000' })).toMatchObject({
      timeoutSeconds: 2_147_484,
      bodyBytes: 5_000 * 1_048_576,
    });
  });

  test('has one cell, another number, or none', () => {
    expect(readKubelessEnvironment({}).cells).toBe(1);
    expect(readKubelessEnvironment({ ISOHOST_CELLS: '3' }).cells).toBe(3);
    expect(readKubelessEnvironment({ ISOHOST_CELLS: '0' }).cells).toBe(0);
  });

  test.each([
    ['128Mi', 128],
    ['1Gi', 1_024],
    ['134217728', 128],
    ['256M', 244],
    ['1Mi', 8],
    ['1e9', 953],
    ['12e6', 11],
    ['1T', 65_536],
    ['1Ti', 65_536],
    ['+50Mi', 50],
    ['.5Gi', 512],
    ['128000000000m', 122],
    ['0', undefined],
    ['', undefined],
  ])('takes the memory limit %j', (text, mebibytes) => {
    expect(readKubelessEnvironment({ FUNC_MEMORY_LIMIT: text }).memoryMiB).toBe(mebibytes);
  });

  test.each([
    ['FUNC_PORT', 'http'],
    ['FUNC_TIMEOUT', '0'],
    ['FUNC_TIMEOUT', 'abc'],
    ['FUNC_TIMEOUT', '-1'],
    ['REQ_MB_LIMIT', 'x'],
    ['FUNC_MEMORY_LIMIT', 'lots'],
    ['FUNC_MEMORY_LIMIT', '-1Mi'],
    ['FUNC_MEMORY_LIMIT', '1Mi '],
    ['ISOHOST_CELLS', '1.5'],
    ['ISOHOST_CELLS', '-1'],
  ])('is refused with %s=%s', (name, value) => {
    expect(() => readKubelessEnvironment({ [name]: value })).toThrow(`${name} is "${value}"`);
  });
});
