/** Puts together what the command line, the environment and the configuration file say: in this order of precedence. */
import { z } from 'zod';
import type { FileConfig } from './config.ts';
import { HostError } from './errors.ts';
import { allOptions, environmentVariableOf, flagOf, isolationOptions, type OptionName } from './options.ts';

/** Values by option name, as text where they were text. */
export type RawSettings = Readonly<Partial<Record<OptionName, unknown>>>;

export function readEnvironment(env: Readonly<Record<string, string | undefined>>): RawSettings {
  const settings: Partial<Record<OptionName, unknown>> = {};
  for (const name of Object.keys(allOptions) as OptionName[]) {
    const variable = environmentVariableOf(name);
    const text = env[variable];
    if (text !== undefined && text !== '') settings[name] = parseText(name, text, variable);
  }
  return settings;
}

/**
 * Reads the text of an option by the type of its schema.
 *
 * @param source How messages name the place where the text stood.
 * @throws HostError ISOHOST_INVALID_OPTION
 */
export function parseText(name: OptionName, text: string, source: string): unknown {
  const { schema } = allOptions[name];
  const value = convert(schema, text);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problem = result.error.issues[0]!.message.replace(/^Invalid input: /, '').toLowerCase();
  throw new HostError('ISOHOST_INVALID_OPTION', `${source} is ${JSON.stringify(text.slice(0, 100))}: ${problem}`);
}

function convert(schema: z.ZodType, text: string): unknown {
  if (schema instanceof z.ZodNumber) return /^\s*-?[0-9]+(?:\.[0-9]+)?\s*$/.test(text) ? Number(text) : text;
  if (schema instanceof z.ZodArray)
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  if (schema instanceof z.ZodBoolean) {
    if (/^(?:1|true|yes|on)$/i.test(text)) return true;
    return /^(?:0|false|no|off)$/i.test(text) ? false : text;
  }
  return text;
}

/** The value of an option with its source of highest precedence, or its default. */
export function settle<Name extends OptionName>(
  name: Name,
  flags: RawSettings,
  env: RawSettings,
  file: FileConfig,
): unknown {
  const ofFile = (name in isolationOptions ? (file.isolation ?? {}) : file) as RawSettings;
  return flags[name] ?? env[name] ?? ofFile[name] ?? allOptions[name].default;
}

/** How an option is written on the command line, for commander. */
export function flagSyntax(name: OptionName): string {
  const { placeholder } = allOptions[name];
  return placeholder === undefined ? flagOf(name) : `${flagOf(name)} <${placeholder}>`;
}
