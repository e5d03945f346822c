/** Tensors, the session that makes them and the scopes that own them. */
package org.alborz.tensor;
