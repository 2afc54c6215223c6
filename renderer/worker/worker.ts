/** The entry of the page's own worker: the engine on one thread, so that looking never slows training or holds the page up. */
import { handlers } from './handlers.ts';
import { serve } from './rpc.ts';

serve(globalThis, handlers);
