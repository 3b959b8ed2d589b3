import { z } from 'zod';

/** A span as .NET writes it: `hh:mm:ss` with an optional fraction; gives milliseconds. */
const timeSpan = z
  .string()
  .regex(/^\d{1,2}:\d{2}:\d{2}(\.\d{1,7})?$/, 'expected a span such as 00:00:10')
  .transform((text) => {
    const [hours, minutes, seconds] = text.split(':').map(Number);
    return (((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000;
  });

const schema = z.object({
  extensions: z
    .object({
      eventHubs: z.object({ maxEventBatchSize: z.int().min(1).default(100) }).prefault({}),
      queues: z
        .object({
          messageEncoding: z.enum(['base64', 'none']).default('base64'),
          batchSize: z.int().min(1).max(32).default(16),
          maxDequeueCount: z.int().min(1).default(5),
          visibilityTimeout: timeSpan.prefault('00:00:00'),
          maxPollingInterval: timeSpan.prefault('00:01:00'),
        })
        .prefault({}),
      http: z.object({ routePrefix: z.string().default('api') }).prefault({}),
    })
    .prefault({}),
});

/** What this host reads of host.json, with the real host's defaults; spans in milliseconds. */
export type HostJson = z.infer<typeof schema>;

/** @throws ZodError naming path and what was expected */
export const parseHostJson = (text: string): HostJson => schema.parse(JSON.parse(text));
