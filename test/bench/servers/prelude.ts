/** What the bundle of a React page needs when it is loaded, of the Web platform that is not there. */
export const prelude = `globalThis.TextEncoder = class {
  encode(text) {
    return Uint8Array.from(unescape(encodeURIComponent(text)), (character) => character.charCodeAt(0));
  }
};
globalThis.setTimeout = () => {
  throw new TypeError('there are no timers');
};`;
