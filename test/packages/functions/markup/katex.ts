import katex from 'katex';

export default () => new Response(katex.renderToString('c = \\sqrt{a^2 + b^2}', { output: 'mathml' }));
