/**
 * Takes the place of the Azure Functions worker towards `@azure/functions`: the library asks for a module named
 * `@azure/functions-core`, which only the worker has, and registers every function with it. Here that module is ours, so the functions run
 * in this process from their own registrations, through the library's own converters.
 */
import { registerHooks } from 'node:module';

/** A binding as registered: the trigger's own settings beside type and direction. */
export interface Binding {
  readonly type: string;
  readonly direction: string;
  readonly name?: string;
  readonly [setting: string]: unknown;
}

interface Duration {
  readonly seconds: number;
}

/** A retry policy as the host gets it. */
export interface RetryOptions {
  readonly maxRetryCount: number;
  readonly retryStrategy?: string;
  readonly delayInterval?: Duration;
  readonly minimumInterval?: Duration;
  readonly maximumInterval?: Duration;
}

export type Handler = (...inputs: unknown[]) => unknown;

/** One function as registered. */
export interface Registration {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly retryOptions?: RetryOptions | undefined;
  readonly handler: Handler;
}

/** Typed data as host and worker exchange them (`TypedData` of the host's FunctionRpc.proto); the forms that this host uses. */
export type TypedData =
  | { readonly string: string }
  | { readonly json: string }
  | { readonly bytes: Uint8Array }
  | { readonly http: HttpData }
  | { readonly collectionBytes: { readonly bytes: readonly Uint8Array[] } };

export interface HttpData {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: TypedData;
  readonly statusCode?: string;
}

/** What the library needs of an invocation. */
export interface CoreInvocation {
  readonly invocationId: string;
  readonly metadata: Registration;
  readonly request: {
    readonly inputData: readonly { readonly name: string; readonly data: TypedData }[];
    readonly triggerMetadata: Readonly<Record<string, TypedData>>;
    readonly retryContext?: { readonly retryCount: number; readonly maxRetryCount: number };
  };
  readonly state: string;
  log(level: string, category: string, message: string): void;
}

/** The library's own way from an invocation to a handler's arguments and back. */
export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], handler: Handler): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<{ returnValue?: TypedData | null }>;
}

interface ProgrammingModel {
  getInvocationModel(core: CoreInvocation): InvocationModel;
}

/** What was captured: the functions, and the library's programming model. */
export interface FunctionApp {
  readonly functions: readonly Registration[];
  readonly model: ProgrammingModel;
}

const CORE = Symbol.for('crosstrail.functions-core');
const CORE_URL = 'crosstrail:functions-core';

/**
 * Loads function files and captures what they register. Only once in a process: the library registers each file's functions when the file is
 * first imported, and keeps the first core module that it finds.
 * @param load imports the function files; must not have been imported before
 */
export async function captureFunctions(load: () => Promise<unknown>): Promise<FunctionApp> {
  const functions: Registration[] = [];
  let model: ProgrammingModel | undefined;
  const core = {
    version: '4.0.0',
    setProgrammingModel: (given: ProgrammingModel) => {
      model = given;
    },
    registerFunction: (metadata: Omit<Registration, 'handler'>, handler: Handler) => {
      functions.push({ ...metadata, handler });
    },
    registerHook: () => ({ dispose: () => undefined }),
    log: () => undefined,
  };
  Reflect.set(globalThis, CORE, core);
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === '@azure/functions-core'
        ? { url: CORE_URL, format: 'commonjs', shortCircuit: true }
        : next(specifier, context),
    load: (url, context, next) =>
      url === CORE_URL
        ? {
            format: 'commonjs',
            shortCircuit: true,
            source: `module.exports = globalThis[Symbol.for('${CORE.description ?? ''}')]`,
          }
        : next(url, context),
  });
  try {
    await load();
  } finally {
    hooks.deregister();
  }
  if (model === undefined) {
    throw new Error('no function was registered: the function files were imported before the host could capture them');
  }
  return { functions, model };
}
