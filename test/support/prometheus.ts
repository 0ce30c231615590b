/** A strict reader of Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats/ */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: Sample[];
}

const suffixes: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
};

/** Reads an exposition; throws on anything that Prometheus would refuse, and on histograms that do not add up. */
export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the exposition does not end with a newline');
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let help = '';
  let current: Family | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line);
    if (comment !== null) {
      const [, kind, name, rest] = comment as unknown as [string, string, string, string];
      if (kind === 'HELP') {
        help = rest;
        continue;
      }
      if (families.has(name) || suffixes[rest] === undefined) throw new Error(`unexpected type: ${line}`);
      current = { name, help, type: rest, samples: [] };
      families.set(name, current);
      continue;
    }
    const sample = parseSample(line);
    if (!suffixes[current?.type ?? '']?.some((suffix) => sample.name === current!.name + suffix)) {
      throw new Error(`a sample without its family: ${line}`);
    }
    const identity = JSON.stringify([sample.name, Object.entries(sample.labels).toSorted()]);
    if (seen.has(identity)) throw new Error(`a sample twice: ${line}`);
    seen.add(identity);
    current!.samples.push(sample);
  }
  for (const family of families.values()) if (family.type === 'histogram') checkHistogram(family);
  return families;
}

function parseSample(line: string): Sample {
  const [, name, labelText = '', value] =
    /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|[+-]Inf|NaN)$/.exec(line) ?? [];
  if (name === undefined) throw new Error(`malformed line: ${line}`);
  const labels: Record<string, string> = {};
  let rest = labelText;
  while (rest !== '') {
    const [whole, key, text] = /^([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/.exec(rest) ?? [];
    if (whole === undefined || Object.hasOwn(labels, key!)) throw new Error(`malformed labels: ${line}`);
    labels[key!] = text!.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
    rest = rest.slice(whole.length);
  }
  return { name, labels, value: Number(value!.replace('Inf', 'Infinity')) };
}

function checkHistogram({ name, samples }: Family): void {
  const buckets = new Map<string, { bound: number; count: number }[]>();
  const counts = new Map<string, number>();
  for (const { name: sample, labels, value } of samples) {
    const { le, ...own } = labels;
    const key = JSON.stringify(own);
    if (sample === `${name}_count`) counts.set(key, value);
    if (sample !== `${name}_bucket`) continue;
    buckets.set(key, [...(buckets.get(key) ?? []), { bound: Number(le!.replace('Inf', 'Infinity')), count: value }]);
  }
  for (const [key, list] of buckets) {
    const isAscending = list.every(
      ({ bound, count }, index) => index === 0 || (bound > list[index - 1]!.bound && count >= list[index - 1]!.count),
    );
    const last = list.at(-1)!;
    if (!isAscending || last.bound !== Infinity || last.count !== counts.get(key)) {
      throw new Error(`the histogram ${name} does not add up: ${key}`);
    }
  }
}
