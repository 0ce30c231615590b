import { createHighlighterCore } from 'shiki/core';
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript';
import javascript from 'shiki/langs/javascript.mjs';
import nord from 'shiki/themes/nord.mjs';

export default async function () {
  const highlighter = await createHighlighterCore({
    themes: [nord],
    langs: [javascript],
    engine: createJavaScriptRegexEngine(),
  });
  return new Response(
    highlighter.codeToHtml('const x = 1', { lang: 'javascript', theme: 'nord', tokenizeTimeLimit: 0 }),
  );
}
