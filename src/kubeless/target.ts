/** Request targets as they were sent: paths, whole URLs, or an asterisk. */

/** The path of a target, neither decoded nor normalised. */
export function pathOf(target: string): string {
  const [path = ''] = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').split(/[?#]/, 1);
  return path === '' ? '/' : path;
}

export function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    // Malformed percent-encoding.
    return false;
  }
}
