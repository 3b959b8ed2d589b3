import { randomUUID } from 'node:crypto';
import type { CoreInvocation, FunctionApp, Registration, TypedData } from './registrations.ts';

/** What a trigger hands to one invocation. */
export interface Invocation {
  readonly data: TypedData;
  readonly metadata?: Readonly<Record<string, TypedData>>;
  readonly retry?: { readonly retryCount: number; readonly maxRetryCount: number };
}

/** Where the lines go that a function logs. */
export type Log = (level: string, message: string) => void;

/**
 * Runs a function once, as the worker does.
 * @returns what its return binding gives (an HTTP answer), where it has one
 * @throws what the function throws
 */
export async function invoke(
  app: FunctionApp,
  registration: Registration,
  invocation: Invocation,
  log: Log,
): Promise<TypedData | undefined> {
  const core: CoreInvocation = {
    invocationId: randomUUID(),
    metadata: registration,
    state: 'invocation',
    log: (level, _category, message) => log(level, message),
    request: {
      inputData: [{ name: triggerOf(registration).name, data: invocation.data }],
      triggerMetadata: invocation.metadata ?? {},
      ...(invocation.retry ? { retryContext: invocation.retry } : {}),
    },
  };
  const model = app.model.getInvocationModel(core);
  const { context, inputs } = await model.getArguments();
  const result = await model.invokeFunction(context, inputs, registration.handler);
  const response = await model.getResponse(context, result);
  return response.returnValue ?? undefined;
}

/** The trigger binding of a function, with the name under which its data travels. */
export function triggerOf(registration: Registration): {
  name: string;
  type: string;
  settings: Record<string, unknown>;
} {
  for (const [name, binding] of Object.entries(registration.bindings)) {
    if (binding.direction === 'in' && binding.type.toLowerCase().endsWith('trigger')) {
      return { name, type: binding.type, settings: { ...binding } };
    }
  }
  throw new Error(`function ${registration.name} has no trigger`);
}

/** Trigger metadata in the form in which the host sends objects and lists. */
export const json = (value: unknown): TypedData => ({ json: JSON.stringify(value) });
