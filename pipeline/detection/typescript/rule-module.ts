import { stripTypeScriptTypes } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { systemClock, type Clock } from '../../../platform/clock.ts';
import type { SourceFile } from '../loading/rule-documents.ts';

/** Why a module cannot be used: what was wrong and what to do. */
export class RuleModuleError extends Error {
  override readonly name = 'RuleModuleError';
  /** From 1, where it is known. */
  readonly line: number | undefined;

  constructor(message: string, line?: number) {
    super(message);
    this.line = line;
  }
}

/** A module that is not ready by then waits for something that does not come. */
const IMPORT_TIMEOUT = 10_000;

/**
 * Runs the text of a TypeScript module and gives its default export.
 *
 * The text is imported as such, under a URL that holds it, and not by its file: so it runs wherever its file stands (Node strips
 * no types below `node_modules`, where an installed Crosstrail has its own rules), it is what was read and checked, and a changed
 * text is another module, which a reload sees. Such a module can import nothing by a relative path or from a package. Node
 * never forgets a module: each text that a rule has had stays in memory until the process ends, some kilobytes a change.
 * @throws RuleModuleError where the text is no such module, or its code throws
 */
export async function importModule({ file, text }: SourceFile, clock: Clock = systemClock): Promise<unknown> {
  const fileUrl = pathToFileURL(resolve(file)).href;
  let url = '';
  try {
    url = `data:text/javascript;base64,${Buffer.from(stripTypes(text, fileUrl)).toString('base64')}`;
    const imported: Promise<unknown> = import(url);
    return defaultOf(await within(imported, clock));
  } catch (error) {
    if (error instanceof RuleModuleError) throw error;
    throw new RuleModuleError(reasonOf(error), lineIn(error, fileUrl) ?? lineIn(error, url));
  }
}

/**
 * Node strips types when it imports a file, which is stable; that the function which does the same warns of being experimental
 * is for whoever calls it to weigh, not for who runs the rules.
 */
function stripTypes(text: string, sourceUrl: string): string {
  const before = Object.getOwnPropertyDescriptor(process, 'emitWarning');
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(text, { sourceUrl });
  } finally {
    if (before !== undefined) Object.defineProperty(process, 'emitWarning', before);
  }
}

async function within(imported: Promise<unknown>, clock: Clock): Promise<unknown> {
  const settled = new AbortController();
  const late = clock.wait(IMPORT_TIMEOUT, settled.signal).then(() => {
    throw new RuleModuleError(`the module is not ready after ${IMPORT_TIMEOUT / 1000} s; let it wait for nothing`);
  });
  try {
    return await Promise.race([imported, late]);
  } finally {
    settled.abort();
  }
}

function defaultOf(module: unknown): unknown {
  return typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
}

/** The message names the module by its URL, which holds all of it. */
const UNRESOLVED = /module specifier "([^"]{0,200})/;

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the module throws something that is no error';
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ERR_UNSUPPORTED_RESOLVE_REQUEST') {
    const name = UNRESOLVED.exec(error.message)?.[1] ?? 'something';
    return `imports ${name}, which a rule cannot: it may import modules of Node, and types with \`import type\``;
  }
  const message = error.message.replace(/\s+/g, ' ').slice(0, 300);
  if (code === 'ERR_INVALID_TYPESCRIPT_SYNTAX' || code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return `not readable as TypeScript: ${message}`;
  }
  return error instanceof SyntaxError
    ? `not readable as TypeScript: ${message}`
    : `importing it throws: ${error.name}: ${message}`;
}

/** The line of the topmost place in a module that the error's stack names; stacks may name it by its file or by its own URL. */
function lineIn(error: unknown, url: string): number | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const at = url === '' ? -1 : stack.indexOf(`${url}:`);
  const line = at < 0 ? NaN : Number.parseInt(stack.slice(at + url.length + 1), 10);
  return Number.isInteger(line) && line > 0 ? line : undefined;
}
