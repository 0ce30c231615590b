/** Frames of `probeStack` that take more room than V8 needs to compile. */
const depth = 512;

/**
 * Compiling needs a stack frame of some 33 KB, and isolated-vm keeps only 24 KB in reserve: at the end of the stack it would crash
 * the process. Recursing first turns that into a RangeError.
 */
export function assertStackForCompiling(): void {
  probe(depth);
}

/** The rest parameters keep the frames from being optimised away. */
function probe(left: number, ...rest: number[]): number {
  return left === 0 ? rest.length : probe(left - 1, left, left, left, left) + 1;
}
