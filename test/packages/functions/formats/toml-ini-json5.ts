import ini from 'ini';
import JSON5 from 'json5';
import toml from 'toml';

export default function () {
  return Response.json({
    toml: toml.parse('title = "x"\n[owner]\nborn = 1979-05-27T07:32:00Z\n[[fruit]]\nname = "apple"\n'),
    ini: ini.parse('top = 1\n[a.b]\nlist[] = x\nlist[] = y\n'),
    backToIni: ini.stringify({ a: { b: 'c' } }),
    json5: JSON5.parse("{ unquoted: 'yes', hex: 0xff, trailing: [1,], /* why */ }"),
    backToJson5: JSON5.stringify({ 'a-b': 1, c: Infinity }),
  });
}
