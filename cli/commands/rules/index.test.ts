import { Command } from 'commander';
import { expect, it } from 'vitest';
import { exceptionsCommand } from '../exceptions/index.ts';
import { scanCommand } from '../scan.ts';
import { rulesCommand } from './index.ts';

const program = new Command();
rulesCommand(program);
scanCommand(program);
exceptionsCommand(program);

const called = (name: string): Command => {
  const found = program.commands.find((command) => command.name() === name);
  if (found === undefined) throw new Error(`there is no command ${name}`);
  return found;
};
const optionsOf = (command: Command): (string | undefined)[] => command.options.map(({ long }) => long);

it.each([called('scan'), ...called('rules').commands].map((command) => [command.name(), command] as const))(
  '%s takes the options by which all are told which rules are in use',
  (_name, command) => {
    expect(optionsOf(command)).toEqual(
      expect.arrayContaining(['--rules', '--no-builtin', '--typescript', '--config', '--format']),
    );
    const format = command.options.find(({ long }) => long === '--format');
    expect(format?.argChoices?.slice(0, 2)).toEqual(['table', 'ndjson']);
  },
);

it('takes --exceptions wherever exceptions count', () => {
  const taking = [called('scan'), ...called('rules').commands, ...called('exceptions').commands]
    .filter((command) => optionsOf(command).includes('--exceptions'))
    .map((command) => command.name());
  expect(taking.toSorted()).toEqual(['backtest', 'explain', 'lint', 'list', 'scan']);
});
