import { parse, parseAllDocuments, parseDocument, stringify } from 'yaml';

export default function () {
  const document = parseDocument('# top\na: 1 # one\nb: [x, y]\n');
  document.set('a', 2);
  return Response.json({
    parsed: parse('base: &b\n  x: 1\nnext:\n  <<: *b\n  y: |\n    two\n    lines\n', { merge: true }),
    edited: document.toString(),
    text: stringify({ list: [1, { two: 'a: b' }], none: null }),
    documents: parseAllDocuments('---\na\n---\nb\n').length,
    error: parseDocument('a: [').errors[0]?.code,
  });
}
