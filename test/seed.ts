/**
 * Property tests draw the same cases at every run, so that a failure is one of the change at hand. FC_SEED, a whole
 * number, draws others.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['FC_SEED'] ?? 20261123) });
