import { gunzipSync, gzipSync, strFromU8, strToU8, unzipSync, zipSync, zlibSync } from 'fflate';
import JSZip from 'jszip';
import * as pako from 'pako';

export default async function () {
  const text = 'compress me '.repeat(100);
  const files = unzipSync(zipSync({ 'a.txt': strToU8(text), folder: { 'b.txt': strToU8('b') } }));
  const zip = new JSZip().file('hello.txt', 'Hello').file('data/more.json', '{"a":1}');
  const bytes = await zip.generateAsync({ type: 'uint8array', compression: 'DEFLATE' });
  const again = await JSZip.loadAsync(bytes);
  const native = new Response(new Blob([pako.gzip(text)]).stream().pipeThrough(new DecompressionStream('gzip')));
  return Response.json({
    fflate: strFromU8(gunzipSync(gzipSync(strToU8(text)))) === text,
    files: Object.keys(files).sort(),
    pako: pako.inflate(zlibSync(strToU8(text)), { toText: true }) === text,
    native: (await native.text()) === text,
    jszip: [Object.keys(again.files).sort(), await again.file('hello.txt')!.async('string')],
    crossed: strFromU8(unzipSync(bytes)['data/more.json']!),
  });
}
