/** Asking a trained net why: adversarial examples, heat maps of what it looks at, features and their nearest neighbours. */
package org.alborz.explain;
