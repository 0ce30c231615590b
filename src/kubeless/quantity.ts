/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const quantity = /^\+?([0-9]+\.?[0-9]*|\.[0-9]+)(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?[0-9]{1,3}))?$/;

const units: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** A Kubernetes quantity as a number, or `undefined` for what is none, or below zero. */
export function parseQuantity(text: string): number | undefined {
  const [, digits, unit, exponent] = quantity.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * (unit === undefined ? 10 ** Number(exponent ?? 0) : units[unit]!);
}
