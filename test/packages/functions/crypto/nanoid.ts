import { customAlphabet, nanoid } from 'nanoid';

export default function () {
  const ids = Array.from({ length: 100 }, () => nanoid());
  return Response.json({
    shapes: ids.every((id) => /^[\w-]{21}$/.test(id)),
    different: new Set(ids).size,
    custom: /^[abc]{10}$/.test(customAlphabet('abc', 10)()),
  });
}
