import { parse, parseFragment, serialize } from 'parse5';

export default function () {
  const document = parse('<!doctype html><title>x</title><p>one<p>two<table><tr><td>cell');
  return Response.json({ html: serialize(document), children: parseFragment('<b>a</b><i>b</i>').childNodes.length });
}
