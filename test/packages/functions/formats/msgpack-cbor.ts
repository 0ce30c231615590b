import { decode, encode } from '@msgpack/msgpack';
import * as cbor from 'cbor-x';
import * as msgpackr from 'msgpackr';

export default function () {
  const value = {
    text: 'grüß',
    list: [1, -2, 3.5, null, true],
    bytes: new Uint8Array([1, 2, 3]),
    nested: { big: 2 ** 40 },
  };
  const plain = (copy: unknown) => ({ ...(copy as typeof value), bytes: [...(copy as typeof value).bytes] });
  return Response.json({
    msgpack: plain(decode(encode(value))),
    msgpackr: plain(msgpackr.unpack(msgpackr.pack(value))),
    cbor: plain(cbor.decode(cbor.encode(value))),
    crossed: decode(msgpackr.pack({ a: [1, 'b'] })),
    hex: encode({ a: 1 }).toHex(),
  });
}
