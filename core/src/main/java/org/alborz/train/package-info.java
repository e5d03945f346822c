/** The training loop, and what can be hooked into it. */
package org.alborz.train;
