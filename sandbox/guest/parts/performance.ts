/** The clock of the High Resolution Time API, with the millisecond resolution of `Date.now`. */

const { now } = Date;
const timeOrigin = now();

class Performance {
  get timeOrigin(): number {
    return timeOrigin;
  }
  now(): number {
    return now() - timeOrigin;
  }
  toJSON(): { timeOrigin: number } {
    return { timeOrigin };
  }
}

Object.defineProperty(Performance.prototype, Symbol.toStringTag, { configurable: true, value: 'Performance' });

export const performance = new Performance();
