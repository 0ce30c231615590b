/**
 * Makes types/web.d.ts: of TypeScript's types of workers, those of the globals that a guest has, without the members that it does not have. Run
 * by "npm run web-types".
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Shape } from './guest-shape.ts';

/** Declared by hand, in types/function.d.ts. */
const byHand = new Set(['EventCounts', 'DedicatedWorkerGlobalScope', 'WorkerGlobalScope']);
/** What the guest has, and TypeScript does not know yet. */
const corrections: readonly (readonly [string, string])[] = [
  ['type CompressionFormat = "deflate" ', 'type CompressionFormat = "brotli" | "deflate" '],
  [
    'declare var ReadableStream: {\n    prototype: ReadableStream;\n',
    'declare var ReadableStream: {\n    prototype: ReadableStream;\n    from<R>(source: Iterable<R> | AsyncIterable<R>): ReadableStream<R>;\n',
  ],
  [
    'declare var SubtleCrypto: {\n    prototype: SubtleCrypto;\n',
    'declare var SubtleCrypto: {\n    prototype: SubtleCrypto;\n    supports(operation: string, algorithm: AlgorithmIdentifier, additional?: number | AlgorithmIdentifier | null): boolean;\n',
  ],
];
/** Interfaces without a class of their own that globals have. */
const objects: Readonly<Record<string, string>> = { Console: 'console' };
/** Own properties of each instance. */
const ownMembers = new Set(['isTrusted']);

interface Declaration {
  readonly kind: 'interface' | 'class' | 'type' | 'namespace';
  readonly name: string;
  readonly text: string;
}

const license = `/*
 * Types of the Web platform as functions find it. Made of TypeScript's lib.webworker.d.ts by "npm run web-types".
 *
 * Copyright (c) Microsoft Corporation. All rights reserved. Licensed under the Apache License, Version 2.0 (the "License"); you may not use this
 * file except in compliance with the License. You may obtain a copy of the License at http://www.apache.org/licenses/LICENSE-2.0
 *
 * THIS CODE IS PROVIDED ON AN *AS IS* BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, EITHER EXPRESS OR IMPLIED, INCLUDING WITHOUT
 * LIMITATION ANY IMPLIED WARRANTIES OR CONDITIONS OF TITLE, FITNESS FOR A PARTICULAR PURPOSE, MERCHANTABILITY OR NON-INFRINGEMENT. See the Apache
 * Version 2.0 License for specific language governing permissions and limitations under the License.
 */
`;

export async function webTypes(shapes: Readonly<Record<string, Shape>>): Promise<string> {
  const all = parse(await readFile(libFile(), 'utf8'));
  const byName = Map.groupBy(all, ({ name }) => name);
  const classes = new Set(all.filter(({ kind }) => kind === 'class').map(({ name }) => name));
  const isThere = (name: string): boolean => name in shapes && !byHand.has(name);
  /** A class that guests do not have: nothing that mentions it is of use. */
  const isMissing = (name: string): boolean => byHand.has(name) || (classes.has(name) && !isThere(name));
  const shapeOf = (name: string): Shape | undefined => shapes[objects[name] ?? name];

  const kept = new Map<string, string>();
  const queue = [...classes].filter(isThere).concat('WebAssembly', ...Object.keys(objects));
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    if (kept.has(name)) continue;
    const texts = byName.get(name)!.map((declaration) => trim(declaration));
    kept.set(name, texts.join('\n'));
    for (const [word] of withoutComments(texts.join('\n')).matchAll(/\b[A-Z]\w+\b/g))
      if (byName.has(word) && !isMissing(word)) queue.push(word);
  }
  const text = `${license}\n${[...kept]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, text]) => text)
    .join('\n\n')}\n`;
  return corrections.reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`TypeScript has changed: ${from}`);
    return result.replace(from, () => to);
  }, text);

  function trim({ kind, name, text }: Declaration): string {
    const shape = shapeOf(name);
    if (kind === 'type') return withoutMissingArms(text);
    if (kind === 'namespace') return filterMembers(text, (member) => isPartOf(member, shape!.members));
    if (kind === 'class')
      return filterMembers(text, (member) => isAnyOf(nameOf(member), ['prototype', 'new', ...shape!.statics]));
    if (shape === undefined) return filterMembers(text, (member) => !mentionsMissing(member));
    const names = [...shape.members, ...ownMembers];
    const own = filterMembers(
      text,
      (member) => isAnyOf(nameOf(member), names) && (!mentionsMissing(member) || /^on\w+$/.test(nameOf(member) ?? '')),
    );
    return inlineMixins(own, names);
  }

  /** A mixin of which the class has only a part gives way to that part. */
  function inlineMixins(text: string, names: readonly string[]): string {
    const head = /^((?:declare )?interface \w+(?:<[^{]*?>)? extends )([^{]+?) \{$/m.exec(text);
    if (head === null) return text;
    const inlined: string[] = [];
    const bases = head[2]!.split(/, (?=[A-Z])/).filter((base) => {
      const baseName = /^\w+/.exec(base)![0];
      if (classes.has(baseName)) return isThere(baseName);
      const members = byName.get(baseName)?.flatMap((declaration) => membersOf(declaration.text)) ?? [];
      const present = members.filter((member) => isAnyOf(nameOf(member), names) && !mentionsMissing(member));
      if (present.length === members.length) return true;
      inlined.push(...present);
      return false;
    });
    const start = head[1]!.slice(0, -' extends '.length);
    const line = bases.length === 0 ? `${start} {` : `${start} extends ${bases.join(', ')} {`;
    return text.replace(head[0], [line, ...inlined].join('\n'));
  }

  function mentionsMissing(text: string): boolean {
    return [...withoutComments(text).matchAll(/\b[A-Z]\w+\b/g)].some(([word]) => isMissing(word));
  }

  function withoutMissingArms(text: string): string {
    const [, start, arms] = /^([\s\S]*?type \w+(?:<.*?>)? = )([\s\S]*);$/.exec(text)!;
    if (arms!.includes('=>') || arms!.includes('{')) return text;
    const left = arms!.split(' | ').filter((arm) => !mentionsMissing(arm));
    return `${start}${left.length === 0 ? 'never' : left.join(' | ')};`;
  }
}

function isAnyOf(name: string | undefined, names: readonly string[]): boolean {
  return name === undefined || names.includes(name);
}

/** Of a namespace, types stay. */
function isPartOf(member: string, names: readonly string[]): boolean {
  const name = /^ {4}(?:var|function) (\w+)/m.exec(withoutComments(member))?.[1];
  return isAnyOf(name, names);
}

function libFile(): string {
  const require = createRequire(import.meta.url);
  const typescript = createRequire(require.resolve('typescript/package.json'));
  const platform = `@typescript/typescript-${process.platform}-${process.arch}/package.json`;
  return join(dirname(typescript.resolve(platform)), 'lib/lib.webworker.d.ts');
}

const starts: readonly (readonly [Declaration['kind'], RegExp])[] = [
  ['interface', /^interface (\w+)/],
  ['class', /^declare var (\w+): \{$/],
  ['type', /^type (\w+)/],
  ['namespace', /^declare namespace (\w+)/],
];

/** The file is printed by a program: declarations begin and end at the first column. */
function parse(lib: string): Declaration[] {
  const found: Declaration[] = [];
  let comment: string[] = [];
  const lines = lib.split(/\r?\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index]!;
    if (line.startsWith('/**')) comment = [];
    if (/^(?:\/\*\*| \*)/.test(line)) {
      comment.push(line);
      continue;
    }
    for (const [kind, pattern] of starts) {
      const name = pattern.exec(line)?.[1];
      if (name === undefined) continue;
      const first = index;
      if (line.endsWith('{')) while (!/^\}/.test(lines[index]!)) index += 1;
      else while (!lines[index]!.endsWith(';')) index += 1;
      found.push({ kind, name, text: [...comment, ...lines.slice(first, index + 1)].join('\n') });
    }
    comment = [];
  }
  return found;
}

/** With their comments; each is indented by four. */
function membersOf(text: string): string[] {
  const members: string[] = [];
  let current: string[] = [];
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.endsWith('{') && !/^ ?[/*]/.test(line)) + 1;
  for (const line of lines.slice(first, -1)) {
    current.push(line);
    const isComment = /^ {4}(?:\/\*\*| \*)/.test(line);
    if (!isComment && /^ {4}\S.*;$|^ {4}\};?$/.test(line)) {
      members.push(current.join('\n'));
      current = [];
    }
  }
  return members;
}

function filterMembers(text: string, keep: (member: string) => boolean): string {
  let result = text;
  for (const member of membersOf(text)) {
    if (keep(member)) continue;
    // Members are whole lines: the same text twice is the same member twice.
    const at = result.indexOf(`\n${member}\n`);
    if (at !== -1) result = result.slice(0, at) + result.slice(at + member.length + 1);
  }
  return result;
}

/** Of signatures and symbols, nothing. */
function nameOf(member: string): string | undefined {
  return /^ {4}(?:readonly |get |set )*"?([A-Za-z_$][\w$-]*)"?\??[(<:]/m.exec(withoutComments(member))?.[1];
}

function withoutComments(text: string): string {
  return text.replaceAll(/^ *(?:\/\*\*| \*).*$/gm, '');
}
