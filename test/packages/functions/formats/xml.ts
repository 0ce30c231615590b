import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser';
import sax from 'sax';

export default function () {
  const xml =
    '<?xml version="1.0"?><feed lang="en"><entry id="1">One &amp; two</entry><entry id="2"><![CDATA[<b>]]></entry></feed>';
  const parsed = new XMLParser({ ignoreAttributes: false, ignoreDeclaration: true }).parse(xml);
  const names: string[] = [];
  const reader = sax.parser(true);
  reader.onopentag = ({ name }) => void names.push(name);
  reader.write(xml).close();
  const mistake = XMLValidator.validate('<a><b></a>');
  return Response.json({
    parsed,
    built: new XMLBuilder({ ignoreAttributes: false }).build({ a: { '@_x': '1', b: ['y', 'z'] } }),
    valid: XMLValidator.validate(xml),
    mistake: mistake !== true && mistake.err.code,
    names,
  });
}
