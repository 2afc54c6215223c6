/** A worker thread's entry: its share of a model's work. */
import { buildModel } from '../../engine/models/build.ts';
import { serveTeams } from './serve-teams.ts';

serveTeams(buildModel);
