/** A server in a process of its own, for the tests that kill it: node test-server.ts thread|process <folder> */
import { startEventHubs } from './server.ts';
import { startEventHubsThread } from './thread.ts';

const [mode, folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('say which folder to use');
const start = mode === 'thread' ? startEventHubsThread : startEventHubs;
// Small segments, so that the end comes in the middle of a change of segments, too.
const retention = { bytesPerPartition: 1e9, segmentBytes: 20_000 };
const { connectionString } = await start({ folder, port: 0, hubs: [{ name: 'entra', partitions: 2 }], retention });
process.stdout.write(`${connectionString}\n`);
