/** Cyclic redundancy checks, reflected; the halves of wide ones are kept in two numbers. */
const polynomials: Readonly<Record<string, readonly [high: number, low: number, bits: 32 | 64]>> = {
  crc32: [0, 0xed_b8_83_20, 32],
  crc32c: [0, 0x82_f6_3b_78, 32],
  crc64nvme: [0x9a_6c_93_29, 0xac_4b_c9_b5, 64],
};

export interface Crc {
  update(bytes: Uint8Array): void;
  digest(): ArrayBuffer;
}

export function crcOf(name: string): Crc | undefined {
  if (!Object.hasOwn(polynomials, name)) return undefined;
  const [highPolynomial, lowPolynomial, bits] = polynomials[name]!;
  const highs = new Int32Array(256);
  const lows = new Int32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let high = 0;
    let low = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      const isOdd = low & 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (isOdd) {
        low ^= lowPolynomial;
        high ^= highPolynomial;
      }
    }
    highs[byte] = high;
    lows[byte] = low;
  }
  let high = bits === 64 ? -1 : 0;
  let low = -1;
  return {
    update(bytes) {
      for (let index = 0; index < bytes.length; index += 1) {
        const entry = (low ^ bytes[index]!) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ lows[entry]!;
        high = (high >>> 8) ^ highs[entry]!;
      }
    },
    digest() {
      const view = new DataView(new ArrayBuffer(bits / 8));
      if (bits === 64) view.setInt32(0, ~high);
      view.setInt32(bits / 8 - 4, ~low);
      return view.buffer;
    },
  };
}
