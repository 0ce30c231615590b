/** The JSON Schema of configuration files, for editors. Run by "npm run build". */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { fileSchema } from './config.ts';
import { allOptions, type OptionName } from './options.ts';

interface Schema {
  readonly properties?: Record<string, Schema>;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  description?: string;
  default?: unknown;
}

/** With the descriptions and defaults of the options. */
export function configJsonSchema(): object {
  const schema = z.toJSONSchema(fileSchema) as Schema;
  describe(schema, true);
  return { ...schema, title: 'Configuration of isohost' };
}

/** @param isTop Below the top, a setting that is left out comes from further up, and not from the default. */
function describe(schema: Schema, isTop: boolean): void {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const option = Object.hasOwn(allOptions, name) ? allOptions[name as OptionName] : undefined;
    if (option !== undefined) {
      property.description = option.description;
      if (isTop && option.default !== undefined) property.default = option.default;
    }
    describe(property, false);
  }
  for (const part of schema.anyOf ?? []) describe(part, false);
  if (typeof schema.additionalProperties === 'object') describe(schema.additionalProperties, false);
}

const [, script, target] = process.argv;
if (script === fileURLToPath(import.meta.url) && target !== undefined) {
  await writeFile(target, `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`);
}
