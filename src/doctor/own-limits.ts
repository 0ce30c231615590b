/** Attacks on the limits of the user's configuration, as they are. The corpus runs under limits of its own. */
import type { Limits } from '../../sandbox/index.ts';
import type { HostileCase } from './hostile-case.ts';

/** What takes longer is left to the corpus: the same code keeps the limit. */
const maxCpuMs = 5_000;
const maxWallMs = 5_000;
const maxBodyBytes = 64 * 2 ** 20;

export function ownLimitCases({ cpuTimeMs, wallTimeMs, memoryMiB, requestBodyBytes, logLines }: Limits): HostileCase[] {
  const own = (name: string, outcomes: HostileCase['outcomes'], body: string, rest: Partial<HostileCase> = {}) => ({
    name: `limits: ${name}`,
    code: `module.exports = async (request) => {${body}\n}`,
    outcomes,
    inline: true,
    trust: 'untrusted' as const,
    method: 'GET',
    bodyBytes: 0,
    memoryMiB,
    calls: 1,
    ...rest,
  });
  const cases: HostileCase[] = [];
  if (cpuTimeMs <= maxCpuMs) {
    const outcomes: HostileCase['outcomes'] = ['exceededCpu', 'exceededWallTime'];
    cases.push(own(`a loop, with cpuTimeMs ${cpuTimeMs}`, outcomes, 'for (;;);'));
    cases.push(
      own(
        `hoarding, with memoryMiB ${memoryMiB}`,
        ['exceededMemory', ...outcomes],
        'const a = []; for (;;) a.push(new Array(1000).fill(a.length))',
      ),
    );
  }
  if (wallTimeMs <= maxWallMs) {
    const body = `await new Promise((resolve) => setTimeout(resolve, ${wallTimeMs * 2 + 1_000}))`;
    cases.push(own(`waiting, with wallTimeMs ${wallTimeMs}`, ['exceededWallTime'], body));
  }
  if (requestBodyBytes < maxBodyBytes) {
    cases.push(
      own(
        `a body of one byte over requestBodyBytes ${requestBodyBytes}`,
        ['requestTooLarge'],
        'return new Response("x")',
        { method: 'POST', bodyBytes: requestBodyBytes + 1 },
      ),
    );
  }
  cases.push(
    own(
      `a line over logLines ${logLines}`,
      ['ok', 'exceededCpu'],
      `for (let i = 0; i <= ${logLines}; i++) console.log(""); return new Response("x")`,
      { text: 'x' },
    ),
  );
  return cases;
}
