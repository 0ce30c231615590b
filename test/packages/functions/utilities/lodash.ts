import _ from 'lodash';
import groupBy from 'lodash/groupBy';

export default async function () {
  const people = [
    { name: 'Ada', born: 1815 },
    { name: 'Alan', born: 1912 },
    { name: 'Grace', born: 1906 },
  ];
  const slow = _.debounce((value: string) => value, 1);
  slow('first');
  await new Promise((resolve) => setTimeout(resolve, 10));
  return Response.json({
    sorted: _.chain(people).sortBy('born').map('name').value(),
    grouped: groupBy(people, ({ born }) => (born < 1900 ? 'old' : 'new')),
    merged: _.merge({ a: { b: 1 } }, { a: { c: [2] } }),
    cases: [_.kebabCase('fooBar baz'), _.startCase('hello world'), _.camelCase('a-b_c')],
    equal: _.isEqual(new Map([['a', [1, 2]]]), new Map([['a', [1, 2]]])),
    clone: _.cloneDeep({ at: new Date(0), list: [new Uint8Array([1, 2])] }),
    debounced: slow('second'),
    got: _.get({ a: [{ b: { c: 3 } }] }, 'a[0].b.c'),
  });
}
