import hljs from 'highlight.js/lib/core';
import javascript from 'highlight.js/lib/languages/javascript';

hljs.registerLanguage('javascript', javascript);

export default () => new Response(hljs.highlight('const x = "a" // b', { language: 'javascript' }).value);
