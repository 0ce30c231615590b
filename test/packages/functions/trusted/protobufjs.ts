import protobuf from 'protobufjs';

const { root } = protobuf.parse(`
  syntax = "proto3";
  package shop;
  enum Kind { PLAIN = 0; GIFT = 1; }
  message Item { string sku = 1; uint32 count = 2; }
  message Order { uint64 id = 1; repeated Item items = 2; Kind kind = 3; map<string, string> notes = 4; bytes raw = 5; }
`);

export default function () {
  const Order = root.lookupType('shop.Order');
  const order = { id: 150, items: [{ sku: 'tea', count: 2 }], kind: 1, notes: { to: 'Ada' }, raw: new Uint8Array([9]) };
  const bytes = Order.encode(Order.create(order)).finish();
  return Response.json({
    hex: toHex(bytes),
    decoded: Order.toObject(Order.decode(bytes), { enums: String, longs: Number, bytes: String }),
    wrong: Order.verify({ items: [{ sku: 1 }] }),
  });
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
