import { createInterface } from 'node:readline/promises';
import { UnusableInputError } from '../scan/files.ts';

/** Where a person is asked; both ends must be a terminal. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** This process's own, on the stream for messages: what is asked is no output. */
export const ownTerminal: Terminal = { input: process.stdin, output: process.stderr };

/** Whether somebody can be asked. */
export const isTerminal = ({ input, output }: Terminal): boolean => input.isTTY === true && output.isTTY === true;

/** @throws UnusableInputError where nobody could be asked */
export function requireTerminal(terminal: Terminal): void {
  if (isTerminal(terminal)) return;
  throw new UnusableInputError(
    'this asks before it changes anything, and there is no terminal to ask at: add --yes, or see what it would do with crosstrail playbooks plan',
  );
}

/** Asks a person, who must say yes; anything else, the end of the input included, is a no. */
export async function confirm(question: string, { input, output }: Terminal): Promise<boolean> {
  const lines = createInterface({ input, output });
  try {
    const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    return /^y(?:es)?$/i.test((await Promise.race([lines.question(`${question} [y/N] `), ended])).trim());
  } finally {
    lines.close();
  }
}
