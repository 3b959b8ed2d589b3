import type { Action } from '../contract/action.ts';
import { firewallIpGroupAdd } from './firewall-ip-group-add/firewall-ip-group-add.ts';
import { nsgDeny } from './nsg-deny/nsg-deny.ts';

/** Actions of this folder. */
export const azureActions: readonly Action[] = [nsgDeny, firewallIpGroupAdd];
