import type { PackageCase } from '../package-case.ts';

/** SDKs of services. */
export const sdksCases: Readonly<Record<string, PackageCase>> = {
  openai: {
    packages: ['openai'],
    calls: [{ answer: { whole: 'Hello', pieces: ['Hel', 'lo'], refused: 404 } }],
  },
  anthropic: {
    packages: ['@anthropic-ai/sdk'],
    calls: [
      {
        answer: {
          whole: [{ type: 'text', text: 'Hello' }],
          pieces: ['Hel', 'lo'],
          last: [[{ type: 'text', text: 'Hello' }], 'end_turn'],
        },
      },
    ],
  },
  'aws-s3': {
    packages: ['@aws-sdk/client-s3'],
    calls: [{ answer: { etag: '"e1"', text: 'contents', missing: 'NoSuchKey' } }],
  },
};
