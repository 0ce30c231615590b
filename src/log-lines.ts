/** Lines for people and for machines. Everything that came from a guest or a client is escaped: it could forge lines, or steer a terminal. */
import { styleText } from 'node:util';
import type { Freshness } from '../sandbox/index.ts';
import type { FunctionLogEntry, InvocationRecord } from './calls.ts';
import { defaultTenant } from './config.ts';

export type LogFormat = 'pretty' | 'json' | 'off';

export interface LogWriter {
  invocation(record: InvocationRecord): void;
  line(entry: FunctionLogEntry): void;
  event(level: 'debug' | 'info' | 'warn' | 'error', message: string): void;
}

/** @param write Takes a line with its newline. */
export function createLogWriter(format: LogFormat, write: (line: string) => void, useColor: boolean): LogWriter {
  if (format === 'off') return { invocation() {}, line() {}, event() {} };
  if (format === 'json') {
    const writeJson = (value: object): void => write(`${escapeControls(JSON.stringify(value))}\n`);
    return {
      invocation: (record) => writeJson(invocationJson(record)),
      line: ({ time, level, id, tenant, function: name, text }) =>
        writeJson({ time: time.toISOString(), level, type: 'log', id, tenant, function: name, text }),
      event: (level, message) => writeJson({ time: new Date().toISOString(), level, type: 'event', message }),
    };
  }
  const paint: Paint = (style, text) => (useColor ? styleText(style, text, { validateStream: false }) : text);
  return {
    invocation: (record) => write(`${prettyInvocation(record, paint)}\n`),
    line: (entry) => write(`${prettyLine(entry, paint)}\n`),
    event: (level, message) => write(`${prettyEvent(level, message, paint)}\n`),
  };
}

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

function invocationJson(record: InvocationRecord): object {
  const {
    time,
    id,
    tenant,
    function: name,
    version,
    method,
    path,
    status,
    outcome,
    durationMs,
    usage,
    freshness,
    logsTruncated,
  } = record;
  return {
    time: time.toISOString(),
    level: levelOf(record),
    type: 'invocation',
    id,
    tenant,
    function: name,
    version: version?.slice(0, 12),
    method,
    path,
    status,
    outcome: outcome.kind,
    durationMs: round(durationMs),
    cpuTimeMs: round(usage.cpuTimeMs),
    startUpCpuMs: round(usage.startUpCpuMs),
    heapBytes: usage.heapBytes,
    ...(freshness !== undefined && { freshness }),
    ...('breach' in outcome && { breach: outcome.breach }),
    ...(outcome.kind === 'exception' && { error: outcome.error }),
    ...(logsTruncated && { logsTruncated }),
  };
}

/** What a client or a limit caused is no error of anybody's code. */
function levelOf({ outcome, status }: InvocationRecord): 'info' | 'warn' | 'error' {
  if (outcome.kind === 'ok' || outcome.kind === 'notFound' || outcome.kind === 'canceled') return 'info';
  return status >= 500 && status !== 503 ? 'error' : 'warn';
}

/** `GET /hello 200 2.1 ms  cpu 0.9 ms  heap 3.1/128 MiB  fresh` */
function prettyInvocation(record: InvocationRecord, paint: Paint): string {
  const { method, path, status, outcome, durationMs, usage, memoryMiB, version, freshness, id } = record;
  const statusStyle: Style = status >= 500 ? 'red' : status >= 400 ? 'yellow' : 'green';
  const head = `${escapeControls(method)} ${escapeControls(path)} ${paint(statusStyle, String(status))} ${round(durationMs)} ms`;
  const measured =
    version === undefined
      ? []
      : [
          `cpu ${round(usage.cpuTimeMs)} ms`,
          `heap ${round(usage.heapBytes / 2 ** 20)}/${memoryMiB} MiB`,
          freshnessWords[freshness!],
        ];
  const ending = outcome.kind === 'ok' ? [] : [paint('red', describeOutcome(record))];
  const line = [
    head,
    ...measured.map((text) => paint('dim', text)),
    ...ending,
    ...(record.logsTruncated ? ['logs truncated'] : []),
  ].join('  ');
  if (outcome.kind !== 'exception') return line;
  const { name, message, stack } = outcome.error;
  return [
    line,
    ...indent(`${name}: ${message}${stack === '' ? '' : `\n${stack}`}`),
    ...indent(`invocation ${id}`),
  ].join('\n');
}

const freshnessWords = { isolate: 'fresh', context: 'fresh context', reuse: 'reused' } as const satisfies Record<
  Freshness,
  string
>;

function describeOutcome({ outcome }: InvocationRecord): string {
  if (!('breach' in outcome)) return outcome.kind;
  const { limit, allowed, used } = outcome.breach;
  return `${outcome.kind} (${limit} ${used === undefined ? '' : `${round(used)} of `}${allowed})`;
}

function prettyLine({ level, id, tenant, function: fn, text }: FunctionLogEntry, paint: Paint): string {
  const name = tenant === defaultTenant ? fn : `${tenant}/${fn}`;
  const style: Style = level === 'error' ? 'red' : level === 'warn' ? 'yellow' : level === 'debug' ? 'dim' : 'cyan';
  const prefix = `  ${paint(style, `${name} ${level}`)} ${paint('dim', id.slice(0, 8))} `;
  const [first = '', ...rest] = escapeControls(text).split('\n');
  return [prefix + first, ...rest.map((line) => `    ${line}`)].join('\n');
}

function prettyEvent(level: string, message: string, paint: Paint): string {
  const style: Style = level === 'error' ? 'red' : level === 'warn' ? 'yellow' : 'dim';
  const [first = '', ...rest] = escapeControls(message).split('\n');
  return [`${paint(style, level)} ${first}`, ...rest.map((line) => `  ${line}`)].join('\n');
}

function indent(text: string): string[] {
  return escapeControls(text)
    .split('\n')
    .map((line) => `    ${line}`);
}

/** Makes control characters visible, newlines and tabs apart; also those that reorder text or count as line ends elsewhere. */
export function escapeControls(text: string): string {
  return text.replace(
    // oxlint-disable-next-line no-control-regex -- control characters are what this is about
    /[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
