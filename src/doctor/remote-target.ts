import type { Attack, Target } from './target.ts';

/** A host somewhere else, to which a written corpus was deployed. */
export class RemoteTarget implements Target {
  readonly lost = undefined;
  readonly #url: string;
  readonly #neighbour: string;

  /** @param url Where the functions are: `http://localhost:8080`, or with the path of a tenant. */
  constructor(url: URL, neighbour: string) {
    this.#url = url.href.replace(/\/+$/, '');
    this.#neighbour = neighbour;
  }

  get healthUrl(): string {
    return new URL('/healthz', this.#url).href;
  }

  get neighbourUrl(): string {
    return `${this.#url}/${this.#neighbour}`;
  }

  urlOf({ function: name }: Attack): string {
    return `${this.#url}/${name}`;
  }

  async deploy(): Promise<undefined> {}

  async remove(): Promise<void> {}

  async endOf(): Promise<undefined> {}

  async onSilence(): Promise<void> {}

  async revive(): Promise<boolean> {
    return true;
  }
}
