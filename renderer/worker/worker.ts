/**
 * The entry of the page's own worker: the engine on one thread, so that work on a model does not hold up
 * the page. The small networks of Gradients (Depth, Untrained, Term by term) are computed in the page itself.
 */
import { handlers } from './handlers.ts';
import { serve } from './rpc.ts';

serve(globalThis, handlers);
