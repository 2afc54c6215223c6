/** Disjoint sets of strings (Galler & Fischer 1964). */
export class Groups {
  readonly #parents = new Map<string, string>();

  /** The member that stands for a string's group: itself where it was never joined. */
  find(member: string): string {
    let root = member;
    for (let parent = this.#parents.get(root); parent !== undefined; parent = this.#parents.get(root)) {
      const grandparent = this.#parents.get(parent);
      if (grandparent !== undefined) {
        this.#parents.set(root, grandparent);
      }
      root = parent;
    }
    return root;
  }

  /** Makes one group of two. The first in order stands for it, whatever the order of joining. */
  join(a: string, b: string): void {
    const rootA = this.find(a);
    const rootB = this.find(b);
    if (rootA !== rootB) {
      this.#parents.set(rootA < rootB ? rootB : rootA, rootA < rootB ? rootA : rootB);
    }
  }
}
