import type { Results } from '../results.ts';
export function toMarkdown(_results: Results): string { return ''; }
