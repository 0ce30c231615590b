/** `util.getCallSites`: who called, by the stack that V8 has. */
interface CallSite {
  getFunctionName(): string | null;
  getFileName(): string | undefined;
  getLineNumber(): number | null;
  getColumnNumber(): number | null;
}

const maxFrames = 200;

export function getCallSites(frames: unknown = 8): object[] {
  const count = typeof frames === 'number' && frames >= 1 && frames <= maxFrames ? Math.floor(frames) : 8;
  const { prepareStackTrace, stackTraceLimit } = Error as unknown as StackSettings;
  const settings = Error as unknown as StackSettings;
  try {
    settings.stackTraceLimit = count;
    settings.prepareStackTrace = (_, sites) => sites;
    const holder: { stack?: unknown } = {};
    (Error as unknown as { captureStackTrace(target: object, above: unknown): void }).captureStackTrace(
      holder,
      getCallSites,
    );
    return (holder.stack as CallSite[]).map((site) => ({
      functionName: site.getFunctionName() ?? '',
      scriptId: '0',
      scriptName: site.getFileName() ?? '',
      lineNumber: site.getLineNumber() ?? 0,
      columnNumber: site.getColumnNumber() ?? 0,
      column: site.getColumnNumber() ?? 0,
    }));
  } finally {
    settings.prepareStackTrace = prepareStackTrace;
    settings.stackTraceLimit = stackTraceLimit;
  }
}

interface StackSettings {
  prepareStackTrace: ((error: unknown, sites: CallSite[]) => unknown) | undefined;
  stackTraceLimit: number;
}
