import Papa from 'papaparse';

export default function () {
  const { data, meta, errors } = Papa.parse('a;b\n1;"x;y"\n2;z', { header: true, dynamicTyping: true });
  return Response.json({
    data,
    delimiter: meta.delimiter,
    errors,
    csv: Papa.unparse([
      { a: 'x,y', b: null },
      { a: '"', b: 2 },
    ]),
  });
}
