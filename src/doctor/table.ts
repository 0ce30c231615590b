/** A report for people. */
import { styleText } from 'node:util';
import type { Broken } from './attack.ts';
import type { Check } from './checks/check.ts';
import { parallel } from './attack.ts';
import { escapeControls } from '../log-lines.ts';
import type { ClassReport, Report } from './report.ts';

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

const maxBroken = 30;
const styles = { ok: 'green', warn: 'yellow', fail: 'red' } as const;
const columns = ['cases', 'held', 'broken', 'skipped'] as const;

/** Lines without newlines. Texts of functions and hosts are escaped: they could steer a terminal. */
export function reportLines(report: Report, useColor: boolean): string[] {
  const paint: Paint = (style, text) => (useColor ? styleText(style, text, { validateStream: false }) : text);
  const { subject, checks, classes, broken, events } = report;
  return [
    paint('bold', subject),
    ...(checks.length === 0 ? [] : ['', ...checkLines(checks, paint)]),
    ...(classes.length === 0 ? [] : ['', ...classLines(classes, paint), ...remarkLines(report, paint)]),
    ...(broken.length === 0 ? [] : ['', ...brokenLines(broken, paint)]),
    ...(events.length === 0
      ? []
      : ['', 'The host said:', ...events.slice(-10).map((text) => `  ${escapeControls(text)}`)]),
    '',
    closingLine(report, paint),
  ];
}

function checkLines(checks: readonly Check[], paint: Paint): string[] {
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks.flatMap(({ name, status, found, remedy }) => [
    `  ${paint(styles[status], status.padEnd(4))}  ${name.padEnd(width)}  ${escapeControls(found)}`,
    ...(remedy === undefined ? [] : [paint('dim', `${' '.repeat(width + 10)}${escapeControls(remedy)}`)]),
  ]);
}

function classLines(classes: readonly ClassReport[], paint: Paint): string[] {
  const shown = columns.filter((column) => column !== 'skipped' || classes.some(({ skipped }) => skipped > 0));
  const width = Math.max(...classes.map((one) => one.class.length), 'class'.length);
  const row = (title: string, cells: readonly string[]): string =>
    `  ${title.padEnd(width)}${cells.map((cell) => cell.padStart(9)).join('')}`;
  const total = { class: 'total', cases: 0, held: 0, broken: 0, skipped: 0 };
  for (const one of classes) for (const column of columns) total[column] += one[column];
  const values = (one: ClassReport): string =>
    row(
      one.class,
      shown.map((column) => String(one[column])),
    );
  return [
    paint('dim', row('class', shown)),
    ...classes.map((one) => (one.broken > 0 ? paint('red', values(one)) : values(one))),
    paint('bold', values(total)),
  ];
}

function remarkLines({ inParallel, skipped, neighbour }: Report, paint: Paint): string[] {
  const lines = [''];
  if (inParallel > 0)
    lines.push(`  ${inParallel} of them were fired again, ${Math.min(parallel, inParallel)} at a time.`);
  for (const [reason, cases] of Object.entries(skipped)) lines.push(`  ${cases} skipped: ${reason}.`);
  if (neighbour !== undefined) {
    const { answers, wrong, examples, p50Ms, p99Ms, healthP99Ms } = neighbour;
    const times = `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms; /healthz p99 ${healthP99Ms.toFixed(1)} ms`;
    const verdict = wrong === 0 ? 'all served' : paint('red', `${wrong} not served`);
    lines.push(`  A neighbour asked ${answers} times meanwhile, ${verdict}: ${times}.`);
    for (const example of examples) lines.push(`    ${escapeControls(example)}`);
  }
  return lines;
}

function brokenLines(broken: readonly Broken[], paint: Paint): string[] {
  const lines = broken
    .slice(0, maxBroken)
    .flatMap(({ name, round, expected, seen }) => [
      `  ${paint('red', escapeControls(name))}${round === 'parallel' ? '  (with others)' : ''}`,
      `    expected  ${escapeControls(expected)}`,
      `    seen      ${escapeControls(seen)}`,
    ]);
  if (broken.length > maxBroken) lines.push(`  and ${broken.length - maxBroken} more; --json has them all`);
  return lines;
}

function closingLine({ isHealthy, checks, classes, broken, neighbour, seconds }: Report, paint: Paint): string {
  const failed = checks.filter(({ status }) => status === 'fail').length;
  const warned = checks.filter(({ status }) => status === 'warn').length;
  const held = classes.reduce((sum, one) => sum + one.held, 0);
  const names = new Set(broken.map(({ name }) => name)).size;
  const parts = [
    ...(neighbour === undefined ? ['no attack was fired'] : [`${held} attacks held`]),
    ...(names > 0 ? [`${names} broke through`] : []),
    ...((neighbour?.wrong ?? 0) > 0 ? ['a neighbour was not served'] : []),
    ...(failed > 0 ? [count(failed, 'check') + ' failed'] : []),
    ...(warned > 0 ? [count(warned, 'warning')] : []),
  ];
  const verdict = isHealthy ? paint('green', 'Healthy') : paint('red', 'Not healthy');
  return `${verdict}: ${parts.join(', ')}. (${seconds.toFixed(0)} s)`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
