/** Fires the attacks: each alone, then some of them side by side. */
import { classOf } from './hostile-case.ts';
import { type Reply, sendUntilServed } from './client.ts';
import { describeExpectation, judge, type SeenEnd } from './judge.ts';
import type { Attack, Target } from './target.ts';

/** How many at once in the second round, and of how many. */
export const parallel = 20;
const sampleSize = 80;
const maxTries = 3;

export type Round = 'alone' | 'parallel';

/** A case that did not end as it must. */
export interface Broken {
  readonly name: string;
  readonly round: Round;
  readonly expected: string;
  readonly seen: string;
}

export interface AttackHooks {
  /** Before a case is fired. */
  onAttack(attack: Attack, round: Round, index: number, count: number): void;
  onBroken(attack: Attack, broken: Broken): void;
}

export class Attacker {
  readonly #target: Target;
  readonly #hooks: AttackHooks;
  #reviving: Promise<boolean> | undefined;

  constructor(target: Target, hooks: AttackHooks) {
    this.#target = target;
    this.#hooks = hooks;
  }

  async alone(attacks: readonly Attack[]): Promise<void> {
    await this.#round('alone', attacks, 1);
  }

  async parallel(attacks: readonly Attack[]): Promise<void> {
    await this.#round('parallel', attacks, parallel);
  }

  async #round(round: Round, attacks: readonly Attack[], width: number): Promise<void> {
    let next = 0;
    const runLane = async (): Promise<void> => {
      while (next < attacks.length) {
        const index = next;
        next += 1;
        const attack = attacks[index]!;
        this.#hooks.onAttack(attack, round, index, attacks.length);
        const seen = (await this.#revive()) ? await this.#fire(attack) : 'not run: the host could not be kept alive';
        if (seen === undefined) continue;
        const { name } = attack.hostile;
        this.#hooks.onBroken(attack, { name, round, expected: describeExpectation(attack.hostile), seen });
      }
    };
    await Promise.all(Array.from({ length: Math.min(width, attacks.length) }, runLane));
  }

  /** Lanes whose host is gone wait for one that takes its place. */
  async #revive(): Promise<boolean> {
    if (this.#target.lost === undefined && this.#reviving === undefined) return true;
    this.#reviving ??= this.#target.revive().finally(() => {
      this.#reviving = undefined;
    });
    return this.#reviving;
  }

  /** Answers what is wrong with how it ended. */
  async #fire(attack: Attack): Promise<string | undefined> {
    const { hostile } = attack;
    const refusal = await this.#target.deploy(attack);
    if (refusal !== undefined) return `not run: ${refusal}`;
    try {
      for (let call = 0; call < hostile.calls; call += 1) {
        const wrong = judge(hostile, await this.#call(attack));
        if (wrong !== undefined) return wrong;
      }
      return undefined;
    } finally {
      await this.#target.remove(attack);
    }
  }

  /** Of an answer that has begun, the rest can be lost through another's fault: then it is called again. */
  async #call(attack: Attack): Promise<SeenEnd> {
    for (let tries = 1; ; tries += 1) {
      const reply = await sendUntilServed(this.#target.urlOf(attack), attack.hostile);
      const end = await this.#toEnd(reply);
      if (end.outcome !== 'cellLost' || tries === maxTries) return end;
    }
  }

  async #toEnd(reply: Reply): Promise<SeenEnd> {
    if (reply.kind === 'none') {
      await this.#target.onSilence();
      return { outcome: 'none', text: '', detail: this.#target.lost ?? reply.reason };
    }
    const { status, outcome, id, body } = reply;
    const head = { status, outcome };
    if (outcome !== 'ok') return { outcome, text: '', head };
    const seen = { whole: 'answered', cut: 'cut', left: 'canceled' }[body.end];
    return { outcome: (await this.#target.endOf(id)) ?? seen, text: body.text, head };
  }
}

/** Some of each class, in an order that mixes them. */
export function sampleOf(attacks: readonly Attack[]): Attack[] {
  const byClass = new Map<string, Attack[]>();
  for (const attack of attacks) {
    const kind = classOf(attack.hostile);
    byClass.set(kind, [...(byClass.get(kind) ?? []), attack]);
  }
  const size = Math.min(sampleSize, attacks.length);
  const spread = [...byClass.values()].flatMap((list) => {
    const count = Math.max(1, Math.round((list.length / attacks.length) * size));
    return Array.from({ length: count }, (_, index) => {
      const attack = list[Math.floor((index * list.length) / count)]!;
      return { attack, at: (index + 0.5) / count };
    });
  });
  return spread.sort((a, b) => a.at - b.at).map(({ attack }) => attack);
}
