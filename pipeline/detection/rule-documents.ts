import { isNode, LineCounter, parseAllDocuments, type Document } from 'yaml';
import { RuleError, type DocumentPath } from './rule-error.ts';
import type { RejectedRule } from './rule.ts';

/** A file of YAML, as text. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** One YAML document of a file, as plain data. */
export interface RuleDocument {
  readonly file: string;
  /** The line at which the document's content begins, from 1. */
  readonly line: number;
  readonly value: unknown;
  /** The line at which the node at a path stands, or the nearest node above it. */
  readonly lineOf: (path: DocumentPath) => number;
}

/** The most that a file of rules may hold, bytes. */
export const MAX_FILE_BYTES = 1_048_576;

/** Aliases may repeat what they name this often; a bomb of nested aliases needs more. */
const MAX_ALIASES = 100;

/**
 * Reads the YAML documents of a file. What cannot be read is given as rejected, each document by itself; empty documents are
 * left out. Duplicate keys, unknown tags and bombs of aliases are errors.
 */
export function readDocuments({ file, text }: SourceFile): { documents: RuleDocument[]; rejected: RejectedRule[] } {
  if (Buffer.byteLength(text) > MAX_FILE_BYTES) {
    return { documents: [], rejected: [{ file, reason: `the file is larger than ${MAX_FILE_BYTES} bytes; split it` }] };
  }
  const lines = new LineCounter();
  const documents: RuleDocument[] = [];
  const rejected: RejectedRule[] = [];
  try {
    for (const document of parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })) {
      const line = lineAt(lines, document.contents?.range[0] ?? document.range[0]);
      try {
        const value = valueOf(document, lines);
        if (value !== null)
          documents.push({ file, line, value, lineOf: (path) => lineOf(document, lines, path) ?? line });
      } catch (error) {
        rejected.push({ file, line: error instanceof YamlError ? error.line : line, reason: reasonOf(error) });
      }
    }
  } catch (error) {
    rejected.push({ file, reason: reasonOf(error) });
  }
  if (documents.length === 0 && rejected.length === 0) rejected.push({ file, reason: 'the file is empty' });
  return { documents, rejected };
}

class YamlError extends Error {
  override readonly name = 'YamlError';
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

function valueOf(document: Document.Parsed, lines: LineCounter): unknown {
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw new YamlError(problem.message, lineAt(lines, problem.pos[0]));
  return document.toJS({ maxAliasCount: MAX_ALIASES });
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `not readable as YAML: ${message.includes('call stack') ? 'nested too deep' : message}`;
}

function lineAt(lines: LineCounter, offset: number): number {
  return Math.max(1, lines.linePos(offset).line);
}

function lineOf(document: Document.Parsed, lines: LineCounter, path: DocumentPath): number | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lineAt(lines, node.range[0]);
  }
  return undefined;
}

/** What an error makes of a document: errors of the rule name the line, others are passed on. */
export function rejection(document: RuleDocument, error: unknown): RejectedRule {
  if (!(error instanceof RuleError)) throw error;
  return { file: document.file, line: document.lineOf(error.path), reason: error.message };
}
