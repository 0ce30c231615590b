/**
 * Has a bundle take modules of Node as they are. To import one, Node reads all that it exports first, and some of that is loaded only when it is
 * read: of `node:http`, the whole of `fetch`; of `node:process`, the streams of all three standard files.
 */

const statement = /import(?: ([\w$]+) |\*as ([\w$]+) |(\{[\w$ ,]*\}))from"(node:[\w/]+)";/g;

/**
 * @param text What esbuild has written, without white space that is not needed.
 * @param count How many such imports it has by esbuild's own account.
 * @throws Error when there is another number of them.
 */
export function withDirectBuiltins(text: string, count: number): string {
  let found = 0;
  const direct = text.replace(statement, (_, byDefault, whole, names: string | undefined, module: string) => {
    found += 1;
    const target = (byDefault ?? whole ?? names!.replaceAll(' as ', ':')) as string;
    return `const ${target}=globalThis.process.getBuiltinModule(${JSON.stringify(module)});`;
  });
  if (found !== count) throw new Error(`esbuild writes imports in another way: ${found} of ${count} were found`);
  return direct;
}
