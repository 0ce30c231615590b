import { describe, expect, test } from 'vitest';
import type { InvocationRecord } from '../../src/index.ts';
import { createLogWriter, escapeControls, type LogFormat } from '../../src/log-lines.ts';

const record: InvocationRecord = {
  id: '0a1b2c3d-0000-4000-8000-000000000000',
  time: new Date(0),
  tenant: 'default',
  function: 'hello',
  version: 'a'.repeat(64),
  method: 'GET',
  path: '/hello',
  status: 200,
  outcome: { kind: 'ok' },
  durationMs: 2.123,
  usage: { cpuTimeMs: 0.94, startUpCpuMs: 0.2, wallTimeMs: 2, heapBytes: 3.1 * 2 ** 20 },
  memoryMiB: 128,
  freshness: 'isolate',
  logsTruncated: false,
};

function write(format: LogFormat, use: (writer: ReturnType<typeof createLogWriter>) => void, color = false): string {
  let text = '';
  use(createLogWriter(format, (line) => (text += line), color));
  return text;
}

describe('pretty lines', () => {
  test('tell of an invocation on one line', () => {
    expect(write('pretty', (log) => log.invocation(record))).toBe(
      'GET /hello 200 2.1 ms  cpu 0.9 ms  heap 3.1/128 MiB  fresh\n',
    );
  });

  test('tell which limit was broken', () => {
    const outcome = { kind: 'exceededCpu', breach: { limit: 'cpuTimeMs', allowed: 1_000, used: 1_003.44 } } as const;
    expect(write('pretty', (log) => log.invocation({ ...record, status: 408, outcome }))).toContain(
      'exceededCpu (cpuTimeMs 1003.4 of 1000)',
    );
  });

  test('tell what a function threw, and the id of the answer', () => {
    const outcome = {
      kind: 'exception',
      error: { name: 'Error', message: 'no', stack: '    at f (f.ts:1:2)' },
    } as const;
    const text = write('pretty', (log) => log.invocation({ ...record, status: 500, outcome }));
    expect(text.split('\n').slice(1)).toEqual([
      '    Error: no',
      '        at f (f.ts:1:2)',
      `    invocation ${record.id}`,
      '',
    ]);
  });

  test('name the function and the invocation that a line is from', () => {
    const entry = {
      id: record.id,
      tenant: 'default',
      function: 'hello',
      level: 'warn',
      text: 'a\nb',
      time: new Date(0),
    } as const;
    expect(write('pretty', (log) => log.line(entry))).toBe('  hello warn 0a1b2c3d a\n    b\n');
  });

  test('have colours only where they are wanted', () => {
    expect(write('pretty', (log) => log.invocation(record), true)).toContain('\u001b[');
    expect(write('pretty', (log) => log.invocation(record), false)).not.toContain('\u001b[');
  });
});

describe('JSON lines', () => {
  test('are one object each', () => {
    const lines = write('json', (log) => {
      log.invocation(record);
      log.line({ id: 'x', tenant: 't', function: 'f', level: 'info', text: 'a\n"b"', time: new Date(0) });
      log.event('warn', 'careful');
    });
    const [invocation, line, event] = lines
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(invocation).toMatchObject({
      type: 'invocation',
      level: 'info',
      function: 'hello',
      status: 200,
      outcome: 'ok',
      durationMs: 2.1,
      version: 'aaaaaaaaaaaa',
    });
    expect(line).toMatchObject({ type: 'log', tenant: 't', function: 'f', level: 'info', text: 'a\n"b"' });
    expect(event).toMatchObject({ type: 'event', level: 'warn', message: 'careful' });
  });
});

describe('hostile text', () => {
  const hostile = 'a\u001b[2Jb\rc\u0000d\u009be\u2028f\u202eg\u0007\u007fh\ti';

  test('cannot steer a terminal or forge a line', () => {
    const entry = {
      id: record.id,
      tenant: 'default',
      function: 'f',
      level: 'info',
      text: hostile,
      time: new Date(0),
    } as const;
    const outcome = { kind: 'exception', error: { name: hostile, message: hostile, stack: hostile } } as const;
    for (const format of ['pretty', 'json'] as const) {
      const text = write(format, (log) => {
        log.line(entry);
        log.invocation({ ...record, path: hostile, method: hostile, outcome });
        log.event('error', hostile);
      });
      // oxlint-disable-next-line no-control-regex -- none of them may be left
      expect(text).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u202e]/);
      if (format === 'json') expect(text.trimEnd().split('\n')).toHaveLength(3);
    }
  });

  test('keeps its newlines and tabs', () => {
    expect(escapeControls('a\n\tb\u001b')).toBe('a\n\tb\\u001b');
  });
});

test('nothing is written when the log is off', () => {
  expect(write('off', (log) => log.invocation(record))).toBe('');
});
