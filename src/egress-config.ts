/** Where functions may send requests, and with which secrets: from the options to the policy that a sandbox goes by. */
import { z } from 'zod';
import { createPlaceholder, type EgressPolicy, type HostRule, parseHostRule, type Secret } from '../sandbox/index.ts';
import { HostError } from './errors.ts';

/** A host, or a host with what is to be said of it; see `parseHostRule`. */
export type HostRuleOption =
  | string
  | {
      readonly host: string;
      readonly ports?: readonly number[] | undefined;
      readonly methods?: readonly string[] | undefined;
    };

export interface EgressOptions {
  /** Hosts that requests may go to. Default: all that are public. */
  readonly allow?: readonly HostRuleOption[] | undefined;
  /** Hosts that they may not go to, whatever is allowed. */
  readonly deny?: readonly HostRuleOption[] | undefined;
  /** Hosts and addresses that may be reached although they are loopback, private or otherwise not public. Default: none. */
  readonly private?: readonly string[] | undefined;
}

/** A value, or the name of a variable of the host's environment that has it; and the hosts that may get it. */
export interface SecretOptions {
  readonly value?: string | undefined;
  readonly env?: string | undefined;
  readonly hosts: readonly string[];
}

/** What one layer of the options says: a function, its tenant, or all. */
export interface EgressLayer {
  /** `false`: no requests at all. */
  readonly egress?: false | EgressOptions | undefined;
  readonly secrets?: Readonly<Record<string, SecretOptions>> | undefined;
}

const rule = (ports?: readonly number[], methods?: readonly string[]) => (text: string, context: z.RefinementCtx) => {
  try {
    parseHostRule(text, ports, methods);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
};
const host = z.string().superRefine(rule());
const hostRule = z.union([
  host,
  z
    .strictObject({
      host: z.string(),
      ports: z.array(z.number().int().min(1).max(65_535)).optional(),
      methods: z.array(z.string().regex(/^[A-Za-z-]+$/)).optional(),
    })
    .superRefine(({ host: text, ports, methods }, context) => rule(ports, methods)(text, context)),
]);
/** Header values are sent as they are: nothing that could end one. A short value would be found everywhere in what is answered. */
const secretValue = z
  .string()
  .min(8)
  .regex(/^[\x20-\x7e]+$/, 'it must consist of visible ASCII characters');

export const egressShape = {
  egress: z
    .union([
      z.literal(false),
      z.strictObject({
        allow: z.array(hostRule).optional(),
        deny: z.array(hostRule).optional(),
        private: z.array(host).optional(),
      }),
    ])
    .optional(),
  secrets: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'the name of a secret consists of letters, digits and "_"'),
      z.strictObject({ value: secretValue.optional(), env: z.string().min(1).optional(), hosts: z.array(host) }),
    )
    .optional(),
};

/**
 * Puts the layers together. Of `allow` and `private` the nearest counts, `deny` and `secrets` add up. A deployment can narrow what the
 * host's options allow, and not widen it.
 *
 * @param operators From the nearest to the farthest.
 * @throws HostError ISOHOST_INVALID_OPTION
 */
export function resolveEgress(name: string, deployed: EgressLayer, operators: readonly EgressLayer[]): EgressPolicy {
  if (deployed.egress !== undefined && deployed.egress !== false && deployed.egress.private !== undefined) {
    throw new HostError(
      'ISOHOST_INVALID_OPTION',
      `the deployment of "${name}" has egress.private; only the host's options can open what is not public: set it there`,
    );
  }
  const granted = operators.map(({ egress }) => egress);
  const allow = [deployed.egress === false ? [] : deployed.egress?.allow, allowOf(granted)].filter(
    (rules) => rules !== undefined,
  );
  return Object.freeze({
    allow: allow.map((rules) => rules.map(toRule)),
    deny: [deployed.egress, ...granted].flatMap((layer) => (layer === false ? [] : (layer?.deny ?? []))).map(toRule),
    private: (
      granted.map((layer) => (layer === false ? [] : layer?.private)).find((rules) => rules !== undefined) ?? []
    ).map(toRule),
    secrets: secretsOf(name, deployed, operators),
  });
}

function allowOf(granted: readonly EgressLayer['egress'][]): readonly HostRuleOption[] | undefined {
  for (const layer of granted) {
    if (layer === false) return [];
    if (layer?.allow !== undefined) return layer.allow;
  }
  return undefined;
}

function toRule(option: HostRuleOption): HostRule {
  return typeof option === 'string' ? parseHostRule(option) : parseHostRule(option.host, option.ports, option.methods);
}

function secretsOf(name: string, deployed: EgressLayer, operators: readonly EgressLayer[]): Secret[] {
  for (const [secret, { env }] of Object.entries(deployed.secrets ?? {})) {
    if (env === undefined) continue;
    throw new HostError(
      'ISOHOST_INVALID_OPTION',
      `the deployment of "${name}" takes the secret ${secret} from the host's environment; only the host's options can do that`,
    );
  }
  const all: Record<string, SecretOptions> = Object.assign(
    {},
    ...operators.map(({ secrets }) => secrets).toReversed(),
    deployed.secrets,
  );
  return Object.entries(all).map(([secret, options]) => ({
    name: secret,
    placeholder: createPlaceholder(secret),
    value: valueOf(secret, options),
    hosts: options.hosts.map((text) => parseHostRule(text)),
  }));
}

function valueOf(name: string, { value, env }: SecretOptions): string {
  if ((value === undefined) === (env === undefined)) {
    throw new HostError('ISOHOST_INVALID_OPTION', `the secret ${name} needs either "value" or "env"`);
  }
  const found = value ?? process.env[env!];
  if (found === undefined) {
    throw new HostError(
      'ISOHOST_INVALID_OPTION',
      `the secret ${name} is to come from the variable ${env}, which is not set`,
    );
  }
  if (secretValue.safeParse(found).success) return found;
  throw new HostError(
    'ISOHOST_INVALID_OPTION',
    `the secret ${name} must have at least 8 visible ASCII characters; the value of ${env} does not`,
  );
}
