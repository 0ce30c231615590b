import iconv from 'iconv-lite';

export default function () {
  return Response.json({
    latin1: [...iconv.encode('grüß', 'latin1')],
    sjis: iconv.decode(iconv.encode('日本', 'shift_jis'), 'shift_jis'),
    utf16: iconv.decode(iconv.encode('x\u{1F600}', 'utf16le'), 'utf16le'),
    bom: iconv.decode(iconv.encode('a', 'utf8', { addBOM: true }), 'utf8'),
    cp437: iconv.decode(new Uint8Array([0xe1]) as Buffer, 'cp437'),
    exists: [iconv.encodingExists('gbk'), iconv.encodingExists('nonsense')],
  });
}
