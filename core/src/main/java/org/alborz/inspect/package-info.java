/** Looking into computations: where time goes, and whether gradients are right. */
package org.alborz.inspect;
