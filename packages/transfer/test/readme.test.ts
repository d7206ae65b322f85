import { readmeSuite } from '../../../scripts/readme.mjs';

readmeSuite(import.meta.url);
