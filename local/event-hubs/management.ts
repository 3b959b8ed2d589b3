import rhea, { type Message } from 'rhea';
import type { Hub, Hubs, Partition } from './hub.ts';
import { ServiceError, serviceErrorOf } from './service-error.ts';

const HUB_TYPE = 'com.microsoft:eventhub';
const PARTITION_TYPE = 'com.microsoft:partition';
/** The AMQP type code of a string of up to 255 bytes. */
const STRING = 0xa1;

/**
 * The answer to a request on `$management`: the properties of a hub or of a partition, under the names that the Azure
 * clients read (managementClient of `@azure/event-hubs` 6).
 */
export function answerManagement(hubs: Hubs, request: Message): Message {
  const asked = propertiesOf(request);
  const text = (name: string) => {
    const value = Object.hasOwn(asked, name) ? asked[name] : undefined;
    return typeof value === 'string' ? value : '';
  };
  try {
    if (text('operation').toUpperCase() !== 'READ') {
      throw new ServiceError('amqp:not-implemented', `The operation "${text('operation')}" is none of this service.`);
    }
    const hub = hubs.hub(text('name'));
    switch (text('type')) {
      case HUB_TYPE:
        return answer(request, 200, 'OK', describeHub(hub));
      case PARTITION_TYPE:
        return answer(request, 200, 'OK', describePartition(hub, hub.partition(text('partition'))));
      default:
        throw new ServiceError('com.microsoft:argument-error', `The type "${text('type')}" is none of this service.`);
    }
  } catch (error) {
    const { condition, message } = serviceErrorOf(error);
    const status = condition === 'amqp:not-found' ? 404 : 400;
    return answer(request, status, message, undefined, condition);
  }
}

/** The answer to a request on `$cbs`: every token is taken, since the emulator serves its own machine alone. */
export function answerClaim(request: Message): Message {
  return answer(request, 202, 'Accepted', undefined);
}

function propertiesOf(request: Message): Readonly<Record<string, unknown>> {
  const properties: unknown = request.application_properties;
  return typeof properties === 'object' && properties !== null ? { ...properties } : {};
}

function answer(request: Message, status: number, description: string, body: unknown, condition?: string): Message {
  return {
    ...(request.message_id === undefined ? {} : { correlation_id: request.message_id }),
    application_properties: {
      'status-code': rhea.types.wrap_int(status),
      'status-description': description,
      ...(condition === undefined ? {} : { 'error-condition': rhea.types.wrap_symbol(condition) }),
    },
    body,
  };
}

function describeHub({ name, createdAt, partitions }: Hub): Record<string, unknown> {
  return {
    name,
    type: HUB_TYPE,
    created_at: rhea.types.wrap_timestamp(Math.floor(createdAt)),
    partition_count: rhea.types.wrap_int(partitions.length),
    partition_ids: rhea.types.wrap_array(
      partitions.map(({ id }) => id),
      STRING,
      undefined,
    ),
    georeplication_factor: rhea.types.wrap_int(1),
  };
}

function describePartition({ name }: Hub, { id, log }: Partition): Record<string, unknown> {
  const { sequence, offset, enqueued } = log.last;
  return {
    name,
    type: PARTITION_TYPE,
    partition: id,
    begin_sequence_number: rhea.types.wrap_long(log.begin),
    last_enqueued_sequence_number: rhea.types.wrap_long(sequence),
    last_enqueued_offset: offset.toString(),
    last_enqueued_time_utc: rhea.types.wrap_timestamp(enqueued),
    is_partition_empty: log.isEmpty,
  };
}
