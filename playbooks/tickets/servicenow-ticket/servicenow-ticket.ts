import { ticketAction } from '../open-ticket.ts';
import { servicenow } from './servicenow.ts';

/** Opens a record in ServiceNow. */
export const servicenowTicket = ticketAction({
  name: 'servicenow-ticket',
  title: 'Open an incident in ServiceNow',
  description:
    'The record has a correlation_id made of the id of the incident; impact and urgency follow its severity.',
  permissions: {
    others: [
      'ServiceNow: read, create and write records of the table, among its fields correlation_id, correlation_display, work_notes, impact, urgency, state, close_code and close_notes',
    ],
    notes: ['A role such as sn_incident_write may write all incidents of the instance.'],
  },
  system: servicenow,
});
