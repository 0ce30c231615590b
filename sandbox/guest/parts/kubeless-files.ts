/** What concerns file names: few functions need it, and the table of types is large, so it is a part of its own. */
import contentDisposition from 'content-disposition';
import types from 'mime/types.json';
import { part } from '../core/facade.ts';

export { contentDisposition };

const byExtension = new Map<string, string>();
for (const [type, extensions] of Object.entries(types)) {
  for (const extension of extensions) byExtension.set(extension, type);
}

/** @param extension Lower case, without a dot. */
export function typeOfExtension(extension: string): string | undefined {
  return byExtension.get(extension);
}

export function extensionOf(fileName: string): string {
  return part('node-path').default.extname(fileName);
}
