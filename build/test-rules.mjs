/**
 * What the tests keep to, as ESLint rules.
 *
 * `polled-reads` is for tests of a page (test/e2e). A page is drawn when it can be: what a test reads once may be of the
 * moment before, on a slow machine more often than on a fast one. So a page is read inside `expect.poll` or `eventually`
 * only, which look again until what they expect is there. A function of the file that reads the page counts as a read
 * wherever it is called.
 *
 * `sentences` keeps titles readable without the code beneath them.
 */

/** Methods of a locator (and of a page) that answer at once with what is there now. */
const READS = new Set([
  'allInnerTexts',
  'allTextContents',
  'ariaSnapshot',
  'boundingBox',
  'count',
  'evaluateAll',
  'getAttribute',
  'innerHTML',
  'innerText',
  'inputValue',
  'isChecked',
  'isDisabled',
  'isEditable',
  'isEnabled',
  'isHidden',
  'isVisible',
  'textContent',
]);

/**
 * @typedef {import('estree').Node & { parent: Node }} Node
 */

/**
 * @param {import('estree').Node} callee
 * @returns {boolean} Whether it is `eventually` or `expect.poll`, which call a function until it is content.
 */
function polls(callee) {
  if (callee.type === 'Identifier') return callee.name === 'eventually';
  return (
    callee.type === 'MemberExpression' &&
    callee.object.type === 'Identifier' &&
    callee.object.name === 'expect' &&
    callee.property.type === 'Identifier' &&
    callee.property.name === 'poll'
  );
}

/**
 * @param {import('estree').CallExpression} call
 * @returns {boolean}
 */
function isRead({ callee }) {
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return false;
  const { name } = callee.property;
  // Where the page is: it goes there after the action, too.
  if (name === 'url') return callee.object.type === 'Identifier' && callee.object.name === 'page';
  return READS.has(name);
}

/**
 * @param {Node} node
 * @returns {boolean}
 */
function isFunction({ type }) {
  return type === 'ArrowFunctionExpression' || type === 'FunctionExpression' || type === 'FunctionDeclaration';
}

/** @type {import('eslint').Rule.RuleModule} */
export const polledReads = {
  meta: {
    type: 'problem',
    docs: { description: 'A page is read inside expect.poll or eventually only.' },
    messages: {
      once: '{{name}} reads the page once, which may not have been drawn yet: read it inside expect.poll or eventually.',
    },
    schema: [],
  },
  create(context) {
    const { sourceCode } = context;
    /** @type {Set<Node>} Functions with a name that read the page. */
    const readers = new Set();

    /**
     * @param {Node} call
     * @param {Node} argument
     * @returns {boolean} Whether the call looks again: itself, or as a function of this file that polls what it is given.
     */
    function looksAgain(call, argument) {
      if (call.type !== 'CallExpression') return false;
      const index = call.arguments.findIndex((one) => one === argument);
      if (index < 0 || polls(call.callee)) return index === 0;
      if (call.callee.type !== 'Identifier') return false;
      const { name } = call.callee;
      for (let scope = sourceCode.getScope(call); ; scope = scope.upper) {
        const definition = scope.set.get(name)?.defs[0];
        if (definition !== undefined) return pollsParameter(definition, index);
        if (scope.upper === null) return false;
      }
    }

    /**
     * @param {import('eslint').Scope.Definition} definition
     * @param {number} index
     */
    function pollsParameter({ node }, index) {
      const called = /** @type {Node | null} */ (node.type === 'VariableDeclarator' ? node.init : node);
      if (called === null || !isFunction(called)) return false;
      const parameter = /** @type {import('estree').FunctionDeclaration} */ (called).params[index];
      const variable = sourceCode.getDeclaredVariables(called).find(({ identifiers }) => identifiers[0] === parameter);
      const uses = variable?.references ?? [];
      return uses.length > 0 && uses.every(({ identifier }) => isPolled(/** @type {Node} */ (identifier), called));
    }

    /**
     * @param {Node} node
     * @param {Node} end
     * @returns {boolean} Whether it is looked at again by something inside of `end`.
     */
    function isPolled(node, end) {
      for (let inner = node; inner !== end; inner = inner.parent) if (looksAgain(inner.parent, inner)) return true;
      return false;
    }

    /**
     * Where a read is done: nowhere that matters, in a function of its own, or on the spot.
     * @param {Node} read
     * @param {string} name
     */
    function check(read, name) {
      for (let inner = read, outer = read.parent; ; inner = outer, outer = outer.parent) {
        if (outer.type === 'Program') {
          context.report({ node: read, messageId: 'once', data: { name } });
          return;
        }
        if (looksAgain(outer, inner)) return;
        if (isFunction(inner) && (inner.type === 'FunctionDeclaration' || outer.type === 'VariableDeclarator')) {
          follow(inner, outer);
          return;
        }
      }
    }

    /**
     * Checks every place that uses a function which reads.
     * @param {Node} reader
     * @param {Node} parent
     */
    function follow(reader, parent) {
      if (readers.has(reader)) return;
      readers.add(reader);
      const [variable] = sourceCode.getDeclaredVariables(parent.type === 'VariableDeclarator' ? parent : reader);
      for (const { identifier, init } of variable?.references ?? []) {
        if (init !== true) check(/** @type {Node} */ (identifier), identifier.name);
      }
    }

    return {
      CallExpression(node) {
        if (isRead(node)) check(/** @type {Node} */ (node), sourceCode.getText(node.callee).split('.').at(-1) ?? '');
      },
    };
  },
};
