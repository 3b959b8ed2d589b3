import { chmodSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ConfigurationError } from '../../../platform/configuration.ts';

/** The environment variable that holds the key; in Azure a reference to a Key Vault. */
export const APPROVAL_KEY_VARIABLE = 'CROSSTRAIL_APPROVAL_KEY';

/** As long as what SHA-256 gives: https://www.rfc-editor.org/rfc/rfc2104#section-3 */
const SHORTEST = 32;

const MADE_WITH = 'make one with openssl rand -base64 48';

/** What requests for approval are signed with. Holds the key where neither a log nor JSON shows it. */
export class ApprovalKey {
  readonly #key: Buffer;
  /** Tells keys apart, and says nothing of the key. */
  readonly id: string;

  /** @param text of 32 bytes or more @throws ConfigurationError without the text */
  constructor(text: string, from: string) {
    const key = Buffer.from(text.trim(), 'utf8');
    if (key.length < SHORTEST) {
      throw new ConfigurationError(
        `${from} holds ${key.length} bytes, and a key for approvals has ${SHORTEST} or more: ${MADE_WITH}`,
      );
    }
    this.#key = key;
    this.id = createHmac('sha256', key).update('crosstrail approval key id').digest('base64url').slice(0, 8);
  }

  /** The signature of a text under a purpose, so that what is signed for one is nothing for another. */
  sign(purpose: string, text: string): Buffer {
    return createHmac('sha256', this.#key).update(`${purpose}\n${text}`).digest();
  }
}

/** The key of a deployment. @throws ConfigurationError where it is not set, or too short */
export function approvalKeyOf(environment: Readonly<Record<string, string | undefined>>): ApprovalKey {
  const text = environment[APPROVAL_KEY_VARIABLE] ?? '';
  if (text === '') {
    throw new ConfigurationError(
      `${APPROVAL_KEY_VARIABLE} is not set, so no request for approval can be signed: ${MADE_WITH}, and keep it in a Key Vault`,
    );
  }
  return new ApprovalKey(text, APPROVAL_KEY_VARIABLE);
}

/**
 * The key of a local edition, in its folder; made where there is none. Several processes may ask at once: all get the same.
 * @throws ConfigurationError where the file holds none
 */
export function approvalKeyIn(folder: string): ApprovalKey {
  const file = join(folder, 'approval.key');
  const found = readKey(file);
  if (found !== undefined) return new ApprovalKey(found, file);
  const made = `${file}.${randomBytes(6).toString('hex')}`;
  writeFileSync(made, `${randomBytes(SHORTEST).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    // Fails where another process was faster; its key counts then. Never half written.
    linkSync(made, file);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(made, { force: true });
  }
  return new ApprovalKey(readKey(file) ?? '', file);
}

function readKey(file: string): string | undefined {
  try {
    // Whoever copied the folder may have opened it to others.
    chmodSync(file, 0o600);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
