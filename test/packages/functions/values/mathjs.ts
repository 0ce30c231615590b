import { all, create } from 'mathjs';

const math = create(all!);

export default function () {
  return Response.json({
    units: math.evaluate('12.7 cm to inch').toNumber('inch'),
    matrix: math.inv([
      [4, 7],
      [2, 6],
    ]),
    complex: math.evaluate('sqrt(-4)').toString(),
    derivative: math.derivative('x^2 + sin(x)', 'x').toString(),
    simplified: math.simplify('2x + 3x').toString(),
    compiled: math.compile('a * 2^b').evaluate({ a: 3, b: 4 }),
    big: math.format(math.evaluate('2/3 + 1/6', {}), { precision: 14 }),
  });
}
