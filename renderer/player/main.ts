/** The program of an exported page: the model and the interface for its task. */
import { mount } from 'svelte';
import '../theme/tokens.css';
import './player.css';
import { t } from '../messages/messages.ts';
import { PageModel } from './model.ts';
import Player from './Player.svelte';

function followSystem(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    document.documentElement.dataset['theme'] = dark.matches ? 'dark' : 'light';
  };
  dark.addEventListener('change', apply);
  apply();
}

const target = document.getElementById('player');
if (target === null) throw new Error('The page has no place for the player.');
followSystem();
PageModel.open().then(
  (model) => mount(Player, { target, props: { model } }),
  (error: unknown) => {
    target.textContent = t('player.failed', { why: error instanceof Error ? error.message : String(error) });
  },
);
