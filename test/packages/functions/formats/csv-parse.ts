import { parse } from 'csv-parse';
import { parse as parseSync } from 'csv-parse/sync';

export default async function () {
  const text = 'name,year\n"Lovelace, Ada",1815\n"Tu""ring",1912\n';
  const rows: unknown[] = [];
  const parser = parse({ columns: true });
  parser.write(text.slice(0, 20));
  parser.end(text.slice(20));
  for await (const row of parser) rows.push(row);
  return Response.json({ streamed: rows, sync: parseSync(text, { columns: true, cast: true }) });
}
