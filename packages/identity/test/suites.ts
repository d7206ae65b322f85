/** Both suites, for tests that hold them to the same bytes. */
import { suite as noble } from '@srp/identity/suite/noble';
import { suite as node } from '@srp/identity/suite/node';

export const suites = [noble, node] as const;
