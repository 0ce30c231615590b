import type { GuestSettings } from '../../wire.ts';

let current: GuestSettings;

export function provideSettings(given: GuestSettings): void {
  current = given;
}

/** What the host said when it made the isolate. */
export function settings(): GuestSettings {
  return current;
}
