/** The command line {@code ./alborz}: thin commands over the library. */
package org.alborz.cli;
