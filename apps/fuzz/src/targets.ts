/** Everything that is fed. */
import type { Target } from './target.js';
import { codecs } from './targets/codecs.js';
import { files } from './targets/files.js';
import { link } from './targets/link.js';
import { peer } from './targets/peer.js';
import { sync } from './targets/sync.js';
import { transferTarget } from './targets/transfer.js';

export const targets: readonly Target[] = [...codecs, link, sync, transferTarget, peer, ...files];
