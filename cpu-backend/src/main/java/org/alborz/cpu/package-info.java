/** The providers through which the pure-Java backends are found. */
package org.alborz.cpu;
