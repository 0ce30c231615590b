import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { type BodyReader, heldBytes, openBodyFiles } from './body-file.ts';
import { cellCommand } from './cell-command.ts';
import type { FlowFiles } from './flows.ts';
import { FlightRecord } from './flight-record.ts';

/** The process of a cell that has been told nothing yet. By itself it keeps no process alive, and it ends when its starter is gone. */
export class SpawnedCell {
  readonly child: ChildProcess;
  readonly record = new FlightRecord();
  /** What bodies cross in to it. */
  readonly bodies: FlowFiles;
  /** What it writes its responses to. */
  readonly responses: BodyReader | undefined;
  #isGone = false;

  /** @throws Error when there is no folder for its flight record. */
  constructor() {
    const { args, env } = cellCommand();
    const files = openBodyFiles();
    this.bodies = { writer: files?.writer };
    this.responses = files?.reader;
    this.child = spawn(process.execPath, args, {
      env,
      // A Ctrl-C in the terminal is for the front, which lets invocations finish.
      detached: true,
      stdio: [
        'ignore',
        'ignore',
        'pipe',
        'pipe',
        this.record.file,
        files?.toRead ?? 'ignore',
        files?.toWrite ?? 'ignore',
      ],
      windowsHide: true,
    });
    if (files !== undefined) for (const file of [files.toRead, files.toWrite]) closeSync(file);
    const noteEnd = (): void => {
      this.#isGone = true;
    };
    // That it could not be started, or that its channel has broken.
    this.child.once('error', noteEnd);
    this.child.once('exit', noteEnd);
    this.channel?.once('error', noteEnd);
    this.setReferenced(false);
  }

  get channel(): Socket | null | undefined {
    return this.child.stdio[3] as Socket | null | undefined;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Whether it keeps the process alive that has started it. */
  setReferenced(isReferenced: boolean): void {
    const { stderr } = this.child;
    for (const handle of [this.child, stderr as Socket | null, this.channel]) {
      if (isReferenced) handle?.ref();
      else handle?.unref();
    }
  }

  /** Whatever it has left there was read. */
  closeFiles(): void {
    this.record.close();
    this.bodies.writer?.close();
    this.responses?.close();
  }

  /** Memory of the files that it can write: what is there belongs to no process. */
  get fileBytes(): number {
    return heldBytes(this.record.file) + (this.responses?.heldBytes ?? 0);
  }

  /** Nobody needs it. Resolves when it is gone. */
  async discard(): Promise<void> {
    this.closeFiles();
    this.setReferenced(true);
    if (this.#isGone) return;
    await new Promise<void>((resolve) => {
      this.child.once('exit', () => resolve());
      this.child.once('error', () => resolve());
      this.child.kill('SIGKILL');
    });
  }
}

/**
 * For who knows that cells will be needed, and still has much to load: the first of them starts meanwhile.
 */
export function spawnCell(): SpawnedCell {
  return new SpawnedCell();
}
