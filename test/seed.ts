/** Before each file of tests: property tests draw the same cases at every run. */
import { configureProperties } from './property-cases.ts';

configureProperties();
