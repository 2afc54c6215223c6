/** The entries of docs/glossary.md, bundled with the app. */
import markdown from '../../docs/glossary.md?raw';
import { parseGlossary } from './glossary.ts';

export const GLOSSARY = parseGlossary(markdown);
