import type { Command } from 'commander';
import { dataOption } from '../connection.ts';
import { connectResponses, thisPerson, type ConnectedResponses } from '../response/connect-responses.ts';
import { configOption, formatOption, reasonOf, reasonOption, show, type Format } from '../response/options.ts';
import { requireKept } from '../response/response-storage.ts';
import { printable, shownTime } from '../terminal.ts';

interface Options {
  readonly data: string;
  readonly config?: string;
  readonly reason?: string;
  readonly format: Format;
}

type Act = (connected: ConnectedResponses, asked: { readonly by: string; readonly reason: string }) => Promise<void>;

/** `crosstrail response stop|resume|status` */
export function responseCommand(program: Command): void {
  const response = program.command('response').description('the one switch for all responses');
  command(response, 'stop', 'lets no response change anything any more, until it is resumed', ({ responses }, asked) =>
    responses.stop(asked),
  ).addOption(reasonOption());
  command(response, 'resume', 'lets responses go on', ({ responses }, asked) => responses.resume(asked)).addOption(
    reasonOption(),
  );
  command(response, 'status', 'whether responses are stopped, by whom and why', () => Promise.resolve());
}

function command(response: Command, name: string, description: string, act: Act): Command {
  return response
    .command(name)
    .description(description)
    .addOption(dataOption())
    .addOption(configOption())
    .addOption(formatOption())
    .action(async (options: Options) => {
      if (name !== 'stop') requireKept(options.data);
      const connected = await connectResponses(options);
      try {
        await act(connected, { by: thisPerson().id, reason: reasonOf(options.reason) });
        await tell(options.format, connected);
      } finally {
        connected.close();
      }
    });
}

async function tell(format: Format, { responses, configuration }: ConnectedResponses): Promise<void> {
  const stopped = await responses.stopped();
  const { enabled } = configuration.response;
  const line = { type: 'response-switch', stopped: stopped !== undefined || !enabled, enabled, ...stopped };
  const lines = [
    ...(enabled ? [] : ['stopped by the configuration: response.enabled is false']),
    ...(stopped === undefined
      ? []
      : [`stopped by ${printable(stopped.by)} since ${shownTime(stopped.at)} UTC: ${printable(stopped.reason)}`]),
  ];
  await show(format, lines.length === 0 ? 'responses run' : lines.join('\n'), line);
}
