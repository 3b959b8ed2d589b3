import { app } from '@azure/functions';
import { CORRELATION_HUB } from '../pipeline/correlate.ts';
import { joinObservations } from '../pipeline/join-observations.ts';
import { eventHubTrigger } from './event-hub-trigger.ts';
import { services } from './services.ts';

/** Observations, from the hub `correlation`, which has one partition: stateful rules, identities, incidents. */
app.eventHub(
  'join-observations',
  eventHubTrigger(CORRELATION_HUB, async (batch) => {
    const { correlationOf, rules, knowledge, storage, metrics } = await services();
    void knowledge.refresh();
    await joinObservations(batch, { correlationOf, rules: rules.current, blobs: storage.blobs, metrics });
  }),
);
