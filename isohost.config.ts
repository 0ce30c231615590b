import { defineConfig } from './src/index.ts';

// Settings of the examples in functions/.
export default defineConfig({
  env: { GREETING: 'Hello' },
  functions: {
    greet: { dialect: 'kubeless', handler: 'greet' },
    'memory-hog': { memoryMiB: 64 },
  },
});
