import Big from 'big.js';
import BigNumber from 'bignumber.js';
import chroma from 'chroma-js';
import Decimal from 'decimal.js';
import Long from 'long';

export default function () {
  return Response.json({
    big: new Big('0.1').plus('0.2').times(3).toString(),
    bignumber: new BigNumber(2).pow(100).toFormat(),
    decimal: Decimal.sqrt(2).toString(),
    long: Long.fromString('9223372036854775807').add(1).toString(),
    unsigned: Long.MAX_UNSIGNED_VALUE.div(10).toString(),
    color: [
      chroma('hotpink').hex(),
      chroma.scale(['#000', '#fff']).mode('rgb').colors(3),
      chroma.contrast('white', 'black'),
    ],
  });
}
