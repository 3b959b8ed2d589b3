import { app } from '@azure/functions';
import { services } from './services.ts';

/**
 * Drops the months of the timeline, of what was suppressed, and of what responses were about to do, that are older than the configuration keeps, findings
 * closed before, and what was noted of incidents of Sentinel before; once a night.
 */
app.timer('retention', {
  schedule: '0 30 3 * * *',
  handler: async () => {
    const { configuration, timeline, suppressed, findings, footprints, enricher, clock } = await services();
    const oldest = new Date(clock.now());
    oldest.setUTCMonth(oldest.getUTCMonth() - configuration.timeline.retentionMonths, 1);
    await timeline.dropBefore(oldest.getTime());
    await suppressed.dropBefore(oldest.getTime());
    await footprints.dropBefore(oldest.getTime());
    await findings.dropClosedBefore(oldest.getTime());
    await enricher.forgetBefore(oldest.getTime());
  },
});
