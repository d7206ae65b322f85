/** Every scenario, by name. */
import type { Scenario } from './scenario.js';
import { flash } from './scenarios/flash.js';
import { headline } from './scenarios/headline.js';
import { loss } from './scenarios/loss.js';
import { partition } from './scenarios/partition.js';
import { quiet } from './scenarios/quiet.js';
import { scale } from './scenarios/scale.js';
import { seedRule } from './scenarios/seed-rule.js';

export const scenarios: readonly Scenario[] = [headline, quiet, loss, partition, flash, scale, seedRule];
