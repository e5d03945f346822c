/** Architecture search over cells: small graphs of operations that a net of images repeats. */
package org.alborz.tune.cells;
