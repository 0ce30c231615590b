/** `util.parseEnv`: text of the form of an .env file. */
import { invalidArgument } from '../shared/node-error.ts';

const line = /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*(?:"((?:[^"])*)"|'([^']*)'|`([^`]*)`|([^\n#]*))/gm;

export function parseEnv(content: unknown): Record<string, string> {
  if (typeof content !== 'string') throw invalidArgument('content', 'of type string', content);
  const variables: Record<string, string> = {};
  for (const [, name, double, single, backtick, bare] of content.replaceAll('\r\n', '\n').matchAll(line)) {
    variables[name!] = double?.replaceAll(String.raw`\n`, '\n') ?? single ?? backtick ?? bare?.trim() ?? '';
  }
  return variables;
}
